-- The generated table of hourly rollups becomes the default partition of a partitioned one: it takes the dates for
-- which no day was prepared (imports of past years). A day ahead gets a partition of its own, which retention drops whole.

-- lz4 is quicker to read than pglz at about the same size; a server built without it keeps its default.
DO $$
DECLARE
	tabled record;
BEGIN
	FOR tabled IN
		SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = current_schema AND table_name IN ('hourly_rollups', 'daily_rollups')
			AND data_type IN ('json', 'bytea')
	LOOP
		EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET COMPRESSION lz4', tabled.table_name, tabled.column_name);
	END LOOP;
EXCEPTION WHEN feature_not_supported THEN
	RAISE NOTICE 'this server has no lz4';
END $$;
--> statement-breakpoint
-- Sketches are as good as random: trying to compress them doubles the time of a write and saves a twentieth.
ALTER TABLE hourly_rollups ALTER COLUMN sketches SET STORAGE EXTERNAL;
--> statement-breakpoint
ALTER TABLE daily_rollups ALTER COLUMN sketches SET STORAGE EXTERNAL;
--> statement-breakpoint
ALTER TABLE hourly_rollups RENAME TO hourly_rollups_default;
--> statement-breakpoint
-- Rows of one merchant lie on pages of their own anyway, so a row keeps its dimensions with it as long as they fit the
-- page: a breakdown is read in half the time, and most hours of most merchants need nothing beside the row but sketches.
ALTER TABLE hourly_rollups_default SET (toast_tuple_target = 8160);
--> statement-breakpoint
ALTER TABLE hourly_rollups_default RENAME CONSTRAINT hourly_rollups_pkey TO hourly_rollups_default_pkey;
--> statement-breakpoint
CREATE TABLE hourly_rollups (LIKE hourly_rollups_default INCLUDING ALL) PARTITION BY RANGE (date);
--> statement-breakpoint
ALTER TABLE hourly_rollups ATTACH PARTITION hourly_rollups_default DEFAULT;
--> statement-breakpoint
-- Makes a partition for each date of [from_date, to_date] that has none, and says how many it made. Rows of such a date
-- that came early move over from the default partition; writers of the default partition wait meanwhile. Never call it in
-- one transaction with drop_partitions: between them the two take locks that writers take in the other order.
CREATE FUNCTION prepare_partitions(from_date date, to_date date) RETURNS integer LANGUAGE plpgsql
SET lock_timeout = '5s' AS $$
DECLARE
	day date;
	partition text;
	made integer := 0;
BEGIN
	FOR day IN SELECT generate_series(from_date, to_date, interval '1 day')::date LOOP
		partition := 'hourly_rollups_' || to_char(day, 'YYYYMMDD');
		CONTINUE WHEN to_regclass(partition) IS NOT NULL;
		LOCK TABLE hourly_rollups_default IN ACCESS EXCLUSIVE MODE;
		-- Whoever held the lock before may have made it.
		CONTINUE WHEN to_regclass(partition) IS NOT NULL;
		EXECUTE format('CREATE TABLE %I (LIKE hourly_rollups INCLUDING ALL) WITH (toast_tuple_target = 8160)', partition);
		EXECUTE format(
			'WITH moved AS (DELETE FROM hourly_rollups_default WHERE date = %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
			day, partition
		);
		EXECUTE format(
			'ALTER TABLE hourly_rollups ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, day, day + 1
		);
		made := made + 1;
	END LOOP;
	RETURN made;
END $$;
--> statement-breakpoint
-- Drops the partitions of all dates before `before_date`, and says how many. The default partition is left alone: what
-- was imported from years ago has not been kept too long.
CREATE FUNCTION drop_partitions(before_date date) RETURNS integer LANGUAGE plpgsql
SET lock_timeout = '5s' AS $$
DECLARE
	partition text;
	dropped integer := 0;
BEGIN
	FOR partition IN
		SELECT child.relname FROM pg_inherits
		JOIN pg_class child ON child.oid = inhrelid
		WHERE inhparent = 'hourly_rollups'::regclass AND child.relname ~ '^hourly_rollups_\d{8}$'
			AND to_date(right(child.relname, 8), 'YYYYMMDD') < before_date
	LOOP
		EXECUTE format('DROP TABLE %I', partition);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;
--> statement-breakpoint
-- A question for hours looks into one partition of a hundred for each, but its cost is estimated as if it looked into all,
-- so a server that compiles expensive queries would spend more time on that than on the answer.
DO $$
BEGIN
	EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
EXCEPTION WHEN insufficient_privilege THEN
	RAISE NOTICE 'jit stays as it is: the database belongs to somebody else';
END $$;
--> statement-breakpoint
SELECT prepare_partitions(current_date - 4, current_date + 8);
