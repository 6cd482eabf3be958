// The one statement that writes a batch of hours and books to Postgres. A row is the whole value of its hour or day:
// it replaces what is there unless that has a higher sequence, so order and repetition of messages change nothing.
// Hours come as the JSON they travelled in; Postgres takes it apart, and keeps a dimension's column as it was sent.

import { DIMENSIONS, MEASURES } from "../core/rollup.ts";

const KEY = ["date", "hour", "merchant", "shard", "generation"];
/** What is counted as it happens. */
const LIVE_GENERATION = 0;
const TOTALS = [...MEASURES, "foreign_orders"];
const OPTIONAL = ["anonymous", "identified", "minutes", ...DIMENSIONS];
const COLUMNS = [...KEY, "seq", "currency", ...TOTALS, ...OPTIONAL, "sketches"];

const list = (items: readonly string[]): string => items.join(", ");
const quoted = (items: readonly string[]): string => list(items.map((item) => `"${item}"`));
const replaced = (items: readonly string[]): string => list(items.map((item) => `"${item}" = excluded."${item}"`));

/** Hours out of a JSON array of rollups, in the order of the table's columns. An empty object of sketches is none. */
const hoursOf = (parameter: string): string => `
  INSERT INTO hourly_rollups (${quoted(COLUMNS)})
  SELECT r.date, to_timestamp(r.hour / 1000.0), r.merchant, r.shard, ${LIVE_GENERATION}, r.seq, r.currency,
    ${list(MEASURES.map((measure) => `t."${measure}"`))}, r."foreign",
    decode(r.anonymous, 'hex'), decode(r.identified, 'hex'), r.minutes,
    ${list(DIMENSIONS.map((dimension) => `d."${dimension}"`))},
    CASE WHEN r.sketches::text = '{}' THEN NULL ELSE r.sketches END
  FROM json_to_recordset(${parameter}::json) AS r (
    date date, hour bigint, merchant text, shard smallint, seq bigint, currency text, totals json, "foreign" bigint,
    anonymous text, identified text, minutes json, dimensions json, sketches json),
  json_to_record(r.totals) AS t (${list(MEASURES.map((measure) => `"${measure}" bigint`))}),
  json_to_record(r.dimensions) AS d (${list(DIMENSIONS.map((dimension) => `"${dimension}" json`))})
  ON CONFLICT (${list(KEY)}) DO UPDATE SET seq = excluded.seq, currency = excluded.currency, ${replaced(TOTALS)}, `;

/** $1: hours that are whole. $2: parts of hours, which leave the dimensions of the other parts as they are. $3: books. */
export const PUBLISH = `
WITH whole AS (${hoursOf("$1")} ${replaced([...OPTIONAL, "sketches"])}
  WHERE excluded.seq >= hourly_rollups.seq),
parts AS (${hoursOf("$2")}
    ${list(OPTIONAL.map((item) => `"${item}" = coalesce(excluded."${item}", hourly_rollups."${item}")`))},
    sketches = CASE WHEN excluded.sketches IS NULL THEN hourly_rollups.sketches
      WHEN hourly_rollups.sketches IS NULL THEN excluded.sketches
      ELSE (hourly_rollups.sketches::jsonb || excluded.sketches::jsonb)::json END
  WHERE excluded.seq >= hourly_rollups.seq)
INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts)
SELECT b.date, b.merchant, b.shard, b.seq, c.received, c.accepted, c.duplicate, c.rejected, c.verdicts
FROM json_to_recordset($3::json) AS b (date date, merchant text, shard smallint, seq bigint, books json),
json_to_record(b.books) AS c (received bigint, accepted bigint, duplicate bigint, rejected json, verdicts json)
ON CONFLICT (date, merchant, shard) DO UPDATE SET seq = excluded.seq, received = excluded.received,
  accepted = excluded.accepted, duplicate = excluded.duplicate, rejected = excluded.rejected,
  verdicts = excluded.verdicts, updated_at = now()
WHERE excluded.seq >= day_book.seq`;
