// The statements that write rollups to Postgres. A row is the whole value of its hour or day, so repetition changes nothing.
// What is counted live (PUBLISH) replaces what is there unless that has a higher sequence, so neither does order; what a
// seal or a replay has counted (WRITE_HOURS, WRITE_DAYS) replaces what the same one wrote before.
// Rollups come as the JSON they travelled in; Postgres takes it apart, and keeps a dimension's column as it was sent.

import { DIMENSIONS, MEASURES } from "../core/rollup.ts";
import { LATE } from "../core/shard.ts";

const HOUR_KEY = ["date", "hour", "merchant", "shard", "generation"];
const DAY_KEY = ["merchant", "date", "shard", "generation"];
/** What is counted as it happens. */
const LIVE_GENERATION = 0;
const TOTALS = [...MEASURES, "foreign_orders"];
const OPTIONAL = ["anonymous", "identified", ...DIMENSIONS];
const VALUES = ["seq", "currency", ...TOTALS, ...OPTIONAL, "sketches"];

const list = (items: readonly string[]): string => items.join(", ");
const quoted = (items: readonly string[]): string => list(items.map((item) => `"${item}"`));
const replaced = (items: readonly string[]): string => list(items.map((item) => `"${item}" = excluded."${item}"`));

/** Of merchants that have been erased nothing comes back, however late it comes. */
const isThere = (merchant: string): string => `NOT EXISTS (SELECT FROM erased_merchants e WHERE e.id = ${merchant})`;

/** VALUES of a rollup `r`. An empty object of sketches is none. */
const VALUES_OF_ROLLUP = `r.seq, r.currency, ${list(MEASURES.map((measure) => `t."${measure}"`))}, r."foreign",
    decode(r.anonymous, 'hex'), decode(r.identified, 'hex'), ${list(DIMENSIONS.map((dimension) => `d."${dimension}"`))},
    CASE WHEN r.sketches::text = '{}' THEN NULL ELSE r.sketches END`;

/** Rollups `r` out of a JSON array of them; `more` names columns that hours have and days not, or the other way round. */
const rollupsIn = (parameter: string, more: string): string => `json_to_recordset(${parameter}::json) AS r (
    date date, merchant text, shard smallint, seq bigint, currency text, totals json, "foreign" bigint,
    anonymous text, identified text, dimensions json, sketches json, ${more}),
  json_to_record(r.totals) AS t (${list(MEASURES.map((measure) => `"${measure}" bigint`))}),
  json_to_record(r.dimensions) AS d (${list(DIMENSIONS.map((dimension) => `"${dimension}" json`))})`;

const hoursOf = (parameter: string, generation: string | number): string => `
  INSERT INTO hourly_rollups (${quoted([...HOUR_KEY, "minutes", ...VALUES])})
  SELECT r.date, to_timestamp(r.hour / 1000.0), r.merchant, r.shard, ${generation}, r.minutes, ${VALUES_OF_ROLLUP}
  FROM ${rollupsIn(parameter, "hour bigint, minutes json")}
  WHERE ${isThere("r.merchant")}
  ON CONFLICT (${list(HOUR_KEY)}) DO UPDATE SET seq = excluded.seq, currency = excluded.currency, ${replaced(TOTALS)}, `;

/**
 * The verdicts of a sealed day are what the seal has counted, late events among them; the object knows only those that it
 * counted live. So they stay, and what was accepted beyond them is late.
 */
const LATE_SINCE_SEAL = `(excluded.accepted -
    (SELECT coalesce(sum(value::bigint), 0) FROM json_each_text(day_book.verdicts) WHERE key <> '${LATE}'))`;
const VERDICTS_SINCE_SEAL = `((day_book.verdicts::jsonb - '${LATE}') ||
    CASE WHEN ${LATE_SINCE_SEAL} > 0 THEN jsonb_build_object('${LATE}', ${LATE_SINCE_SEAL}) ELSE '{}' END)::json`;

/** $1: hours that are whole. $2: parts of hours, which leave the dimensions of the other parts as they are. $3: books. */
export const PUBLISH = `
WITH whole AS (${hoursOf("$1", LIVE_GENERATION)} ${replaced(["minutes", ...OPTIONAL, "sketches"])}
  WHERE excluded.seq >= hourly_rollups.seq),
parts AS (${hoursOf("$2", LIVE_GENERATION)}
    ${list(["minutes", ...OPTIONAL].map((item) => `"${item}" = coalesce(excluded."${item}", hourly_rollups."${item}")`))},
    sketches = CASE WHEN excluded.sketches IS NULL THEN hourly_rollups.sketches
      WHEN hourly_rollups.sketches IS NULL THEN excluded.sketches
      ELSE (hourly_rollups.sketches::jsonb || excluded.sketches::jsonb)::json END
  WHERE excluded.seq >= hourly_rollups.seq)
INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts)
SELECT b.date, b.merchant, b.shard, b.seq, c.received, c.accepted, c.duplicate, c.rejected, c.verdicts
FROM json_to_recordset($3::json) AS b (date date, merchant text, shard smallint, seq bigint, books json),
json_to_record(b.books) AS c (received bigint, accepted bigint, duplicate bigint, rejected json, verdicts json)
WHERE ${isThere("b.merchant")}
ON CONFLICT (date, merchant, shard) DO UPDATE SET seq = excluded.seq, received = excluded.received,
  accepted = excluded.accepted, duplicate = excluded.duplicate, rejected = excluded.rejected,
  verdicts = CASE WHEN day_book.sealed_seq IS NULL THEN excluded.verdicts ELSE ${VERDICTS_SINCE_SEAL} END,
  stale_seq = CASE WHEN ${LATE_SINCE_SEAL} > 0 AND excluded.seq > day_book.sealed_seq THEN excluded.seq
    ELSE day_book.stale_seq END,
  updated_at = now()
WHERE excluded.seq >= day_book.seq`;

/** $1: a JSON array of whole hours. $2: their generation. */
export const WRITE_HOURS = `${hoursOf("$1", "$2::int")} ${replaced(["minutes", ...OPTIONAL, "sketches"])}`;

/** $1: a JSON array of days (core/day-rollup.ts). $2: their generation. */
export const WRITE_DAYS = `
  INSERT INTO daily_rollups (${quoted([...DAY_KEY, "visitors", "hours", ...VALUES])})
  SELECT r.merchant, r.date, r.shard, $2::int, r.visitors, r.hours, ${VALUES_OF_ROLLUP}
  FROM ${rollupsIn("$1", "visitors bigint, hours json")}
  WHERE ${isThere("r.merchant")}
  ON CONFLICT (${list(DAY_KEY)}) DO UPDATE SET ${replaced(["visitors", "hours", ...VALUES])}`;
