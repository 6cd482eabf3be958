// Pieces of the statements that make readers see other numbers of a day: `b` is its row of the day book, `u` the unit of a run that
// has counted it. Replays are applied and rolled back with them, and so are days that a run waits for the seal of.

/**
 * The verdicts of a day's events when it switches to other numbers. Late events are in none of them before the seal that
 * counts them: how many there are is what the book says now.
 */
export const verdictsOf = (
  switched: string,
): string => `((${switched})::jsonb - 'late' || CASE WHEN b.verdicts::jsonb ? 'late'
  THEN jsonb_build_object('late', b.verdicts::jsonb -> 'late') ELSE '{}' END)::json`;

/** For UPDATE day_book b: the numbers are the unit's. */
export const TO_UNIT = `generation = u.run, verdicts = ${verdictsOf("u.verdicts")}, proven = true, proof = u.proof,
  difference = NULL, counted_as = u.counted_as, sealed_seq = u.through, sealed_at = coalesce(b.sealed_at, now()), updated_at = now()`;

/** What TO_UNIT writes over: see FormerBook in core/replay.ts. */
export const FORMER = `json_build_object('generation', b.generation, 'verdicts', b.verdicts, 'proven', b.proven,
  'proof', b.proof, 'difference', b.difference, 'counted_as', b.counted_as)`;

/** The day is as it was when the unit was counted. */
export const IS_UNCHANGED = `b.generation = u.base_generation AND b.sealed_seq IS NOT DISTINCT FROM u.sealed_seq`;

/** Neither sealed nor found to differ: its numbers are those that are counted live. */
export const IS_OPEN = `b.sealed_at IS NULL AND b.proven IS NULL`;

/** Of a run's units `units`: measure → [before, after], over all its days. */
export const TOTALS_OF_UNITS = `(SELECT json_object_agg(key, json_build_array(before, after)) FROM (
  SELECT t.key, sum((t.value ->> 0)::numeric) AS before, sum((t.value ->> 1)::numeric) AS after
  FROM units, json_each(units.difference -> 'totals') AS t GROUP BY t.key) AS totals)`;
