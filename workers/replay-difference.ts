// What a run would change, or has changed: the differences that its units have noted, put together by Postgres. Shards of
// a day are added up. Rows come in the order of their share of the measure in the whole run, so that what matters is first.

import { changeOf, type RunDifference, TOTALS } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

type WholeRow = Omit<RunDifference, "run" | "totals" | "rows"> & { totals: Record<string, [number, number]> | null };
type Row = Omit<RunDifference["rows"][number], "change">;

export interface RowsWanted {
  limit: number;
  /** Null: every one. */
  dimension: string | null;
  measure: string | null;
}

export async function differenceOf(env: Env, run: number, wanted: RowsWanted): Promise<RunDifference> {
  const { totals, ...counts } = await readWhole(env, run);
  const rows = await readRows(env, run, totals ?? {}, wanted);
  return {
    run,
    ...counts,
    totals: TOTALS.map((measure) => {
      const [before, after] = totals?.[measure] ?? [0, 0];
      return { measure, before, after, change: changeOf(before, after) };
    }),
    rows: rows.map((row) => ({ ...row, change: changeOfRow(row) })),
  };
}

async function readWhole(env: Env, run: number): Promise<WholeRow> {
  const [row] = await database(env)`
    WITH units AS MATERIALIZED (
      SELECT u.merchant, m.currency, date, difference, (difference ->> 'count')::float8 AS count, (difference ->> 'hours')::float8 AS hours
      FROM replay_units u JOIN merchants m ON m.id = u.merchant WHERE run = ${run} AND difference IS NOT NULL
    ), totals AS (
      SELECT t.key, sum((t.value ->> 0)::numeric)::float8 AS before, sum((t.value ->> 1)::numeric)::float8 AS after
      FROM units, json_each(difference -> 'totals') AS t GROUP BY t.key
    )
    SELECT count(DISTINCT (merchant, date))::float8 AS days,
      (count(DISTINCT (merchant, date)) FILTER (WHERE count + hours > 0))::float8 AS changed_days,
      coalesce(sum(hours), 0) AS changed_hours, coalesce(sum(count), 0) AS count,
      CASE WHEN count(DISTINCT currency) = 1 THEN min(currency::text) END AS currency,
      (SELECT json_object_agg(key, json_build_array(before, after)) FROM totals) AS totals FROM units`;
  return row as WholeRow;
}

async function readRows(env: Env, run: number, totals: WholeRow["totals"], wanted: RowsWanted): Promise<Row[]> {
  const { limit, dimension, measure } = wanted;
  // Names are text; of everything else the shards are added up.
  const summed = (side: string): string =>
    `sum(CASE WHEN cell.measure NOT IN ('label', 'currency') THEN (cell.${side} #>> '{}')::numeric END)`;
  const rows = await database(env).query(
    `WITH cells AS (
      SELECT u.merchant, u.date, cell.dimension, cell.value, cell.measure,
        ${summed("before")} AS before, ${summed("after")} AS after,
        max(cell.before #>> '{}') AS before_text, max(cell.after #>> '{}') AS after_text
      FROM replay_units u, json_to_recordset(u.difference -> 'rows') AS cell (
        dimension text, value text, measure text, before json, after json)
      WHERE u.run = $1 AND cell.dimension = coalesce($4, cell.dimension) AND cell.measure = coalesce($5, cell.measure)
      GROUP BY u.merchant, u.date, cell.dimension, cell.value, cell.measure
    ), measures AS (
      SELECT key AS measure, greatest(abs((value ->> 0)::numeric), abs((value ->> 1)::numeric)) AS size
      FROM json_each($2::json)
    )
    SELECT merchant, m.currency::text, date::text, dimension, value, measure,
      coalesce(to_json(before::float8), to_json(before_text)) AS before,
      coalesce(to_json(after::float8), to_json(after_text)) AS after
    FROM cells JOIN merchants m ON m.id = merchant LEFT JOIN measures USING (measure)
    ORDER BY abs(coalesce(after, 0) - coalesce(before, 0)) / greatest(size, 1) DESC NULLS LAST,
      merchant, date, dimension, value, measure LIMIT $3`,
    [run, JSON.stringify(totals), limit, dimension, measure],
  );
  return rows as Row[];
}

function changeOfRow({ before, after }: Row): number | null {
  if (typeof before !== "number" || typeof after === "string") return null;
  return changeOf(before, after ?? 0);
}
