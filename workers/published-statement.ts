// The statement that reads what Postgres has for a plan over rollups: one round trip, one snapshot, none but the columns needed.

import type { Reads } from "../core/reads.ts";
import { DIMENSIONS, MEASURES } from "../core/rollup.ts";

/** JSON columns rest compressed by about this much. */
const COMPRESSION = 3;

/** The generation that readers see of a row `r`. */
const CURRENT = `r.generation = coalesce(
  (SELECT b.generation FROM day_book b WHERE b.date = r.date AND b.merchant = r.merchant AND b.shard = r.shard), 0)`;

/** Says which row of days it is, and that it has not been written since. */
const VERSION = "r.date || '/' || r.shard || '/' || r.generation || '/' || r.seq || '/' || r.xmin::text";

/**
 * $1 merchant; $2, $3, $4 the hours as runs: dates, first instants, lengths; $5 dates that may be read as days; $6 how many shards
 * there are; $7 the limit in bytes; $8, $9 the first and the last date, so that Postgres need not think of partitions of
 * others; where a dimension is read, $10 versions of days whose columns are known already. `hourly`: of days their hours are read.
 * Hours are looked for where some shard may have no day. Each lateral OFFSET 0 makes its question one descent of a primary
 * key, whatever the planner believes about the tables. One row says what is sealed and how much there is, before anything
 * large has been read; when it is too much it is the only one.
 */
export function statement(reads: Reads, hourly: boolean): string {
  const { ofDays, ofHours, sent } = columnsOf(reads, hourly);
  return `
    WITH books AS MATERIALIZED (
      SELECT found.* FROM (SELECT DISTINCT date FROM unnest($2::date[]) AS asked (date)) AS asked
      CROSS JOIN LATERAL (
        SELECT b.date, b.shard, b.sealed_at FROM day_book b WHERE b.date = asked.date AND b.merchant = $1 OFFSET 0
      ) AS found
    ), days AS MATERIALIZED (
      SELECT found.* FROM unnest($5::date[]) AS asked (date)
      CROSS JOIN LATERAL (
        SELECT ${ofDays.join(", ")} FROM daily_rollups r
        WHERE r.merchant = $1 AND r.date = asked.date AND ${CURRENT}${hourly ? " AND r.hours IS NOT NULL" : ""}
        OFFSET 0
      ) AS found
    ), hours AS MATERIALIZED (
      SELECT found.* FROM unnest($2::date[], $3::float8[], $4::int[]) AS run (date, from_ms, hours)
      CROSS JOIN LATERAL generate_series(0, run.hours - 1) AS nth
      CROSS JOIN LATERAL (
        SELECT ${ofHours.join(", ")} FROM hourly_rollups r
        WHERE r.date = run.date AND r.date BETWEEN $8::date AND $9::date
          AND r.hour = to_timestamp(run.from_ms / 1000 + 3600 * nth) AND r.merchant = $1 AND ${CURRENT}
        OFFSET 0
      ) AS found
      WHERE (run.date NOT IN (SELECT date FROM days GROUP BY date HAVING count(*) >= $6::int)
          OR run.date IN (SELECT date FROM books WHERE (date, shard) NOT IN (SELECT date, shard FROM days)))
        AND (found.date, found.shard) NOT IN (SELECT date, shard FROM days)
    ), rows AS (
      SELECT * FROM days UNION ALL SELECT * FROM hours
    ), head AS (
      SELECT coalesce(sum(${sizeOf(reads)}), 0)::float8 AS bytes,
        (SELECT string_agg(date || '/' || shard, ' ') FROM books WHERE sealed_at IS NOT NULL) AS sealed FROM rows
    )
    SELECT NULL AS bytes, NULL AS sealed, ${sent.join(", ")} FROM rows WHERE (SELECT bytes FROM head) <= $7::float8
    UNION ALL
    SELECT bytes, sealed, ${sent.map(() => "NULL").join(", ")} FROM head`;
}

/** Of days and of hours the same columns, and as what they are sent. */
function columnsOf(reads: Reads, hourly: boolean): { ofDays: string[]; ofHours: string[]; sent: string[] } {
  const columns: { name: string; day: string; hour: string; sent: string }[] = [];
  const add = (name: string, day: string, hour: string, sent: string): void => {
    columns.push({ name, day, hour, sent });
  };
  const both = (name: string, sent: string): void => add(name, `r."${name}"`, `r."${name}"`, sent);
  both("date", "date::text");
  add("hour", "NULL::timestamptz", "r.hour", "extract(epoch FROM hour)::float8 * 1000 AS hour");
  for (const name of ["shard", "generation", "seq"]) both(name, `${name}::float8`);
  both("currency", "currency::text");
  both("foreign_orders", "foreign_orders::float8");
  for (const measure of MEASURES) if (reads.totals.includes(measure)) both(measure, `"${measure}"::float8`);
  if (reads.visitors) {
    add("visitors", "r.visitors", "NULL::bigint", "visitors::float8");
    add("anonymous", "NULL::bytea", "r.anonymous", "encode(anonymous, 'hex') AS anonymous");
    both("identified", "encode(identified, 'hex') AS identified");
  }
  if (reads.minutes) add("minutes", "NULL::json", "r.minutes", "minutes");
  if (hourly) add("hours", "r.hours", "NULL::json", "hours");
  for (const dimension of DIMENSIONS.filter((name) => name === reads.dimension)) {
    const unlessKnown = (column: string): string =>
      `CASE WHEN ${VERSION} = ANY($10::text[]) THEN NULL ELSE ${column} END`;
    add("version", VERSION, "NULL::text", "version");
    add(dimension, unlessKnown(`r."${dimension}"`), `r."${dimension}"`, `"${dimension}"`);
    const sketches = `r.sketches -> '${dimension}'`;
    if (reads.sketches) add("sketches", unlessKnown(sketches), sketches, "sketches");
  }
  return {
    ofDays: columns.map(({ name, day }) => `${day} AS "${name}"`),
    ofHours: columns.map(({ name, hour }) => `${hour} AS "${name}"`),
    sent: columns.map((column) => column.sent),
  };
}

function sizeOf({ visitors, minutes, dimension, sketches }: Reads): string {
  const compressed = [
    ...(visitors ? ["anonymous", "identified"] : []),
    ...(minutes ? ["minutes"] : []),
    ...DIMENSIONS.filter((name) => name === dimension),
  ];
  const sizes = compressed.map((name) => `${COMPRESSION} * coalesce(pg_column_size("${name}"), 0)`);
  if (sketches && dimension !== null) sizes.push("coalesce(pg_column_size(sketches), 0)");
  return sizes.length === 0 ? "0" : sizes.join(" + ");
}
