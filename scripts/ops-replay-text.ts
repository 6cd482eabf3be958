// What the replay commands say to people: how a run stands, what it would change, and how switching ended.

import { formatUnits } from "../core/money.ts";
import type { RunDifference, RunView, SwitchView } from "../core/replay.ts";
import { ruledBy } from "./ops-rules-text.ts";
import { type Cell, tableOf } from "./ops-table.ts";

export const listed = (runs: readonly RunView[]): string =>
  tableOf(
    ["run", "kind", "state", "days", "counted", "failed", "applied", "from", "to", "merchants", "who", "why"],
    runs.map(({ id, kind, units, from, to, merchants, who, why, ...run }) => [
      id,
      kind,
      stateText(run),
      units.total,
      units.done,
      units.failed,
      units.applied,
      from,
      to,
      merchants?.join(" ") ?? "all",
      who,
      why,
    ]),
  );

/** Counted, and waiting to be applied or not. */
const stateText = ({ state, finished_at: finishedAt }: Pick<RunView, "state" | "finished_at">): string =>
  state === "counting" && finishedAt !== null ? "counted" : state.replace("_", " ");

export function described(run: RunView): string {
  const { id, units, from, to, merchants, rules, processing, who, why, rows, failures, previews } = run;
  const lines = [
    `Run ${id} is ${stateText(run)}: ${from} to ${to}, ${merchants?.join(", ") ?? "all merchants"}; "${why}" (${who})`,
    `${units.done} of ${units.total} days of a shard counted, ${rows.toLocaleString("en")} events, by version ${processing.version}` +
      ruledBy(rules),
  ];
  if (units.failed > 0) lines.push(`${units.failed} could not be counted (see: npm run ops -- dead-letters list):`);
  for (const { merchant, date, shard, error } of failures) lines.push(`  ${merchant}/${shard} ${date}: ${error}`);
  if (units.open > 0) lines.push(`${units.open} of them are still open, and were counted as they are now:`);
  for (const { merchant, date, shard, through, as_of: asOf } of previews)
    lines.push(
      `  ${merchant}/${shard} ${date}: up to ${asOf.slice(0, 19).replace("T", " ")} UTC (log sequence ${through})`,
    );
  if (units.waiting > 0)
    lines.push(`${units.waiting} of them wait for their seal, which counts them by this run and switches them.`);
  return lines.join("\n");
}

export function differing(difference: RunDifference, limit: number): string {
  const { days, changed_days, changed_hours, count, currency, totals, rows } = difference;
  if (count === 0 && changed_hours === 0) return `No difference at all in ${days} days.`;
  const changed = totals.filter(
    ({ measure, before, after }) => before !== after && (currency !== null || !isMoney(measure)),
  );
  const whole = changed.map(({ measure, before, after, change }): Cell[] => [
    measure,
    valueOf(measure, before, currency ?? ""),
    valueOf(measure, after, currency ?? ""),
    changeText(change),
  ]);
  const largest = rows.map((row): Cell[] => [
    row.merchant,
    row.date,
    row.dimension,
    row.value,
    row.measure,
    valueOf(row.measure, row.before, row.currency),
    valueOf(row.measure, row.after, row.currency),
    changeText(row.change),
  ]);
  return [
    `${changed_days} of ${days} days differ, ${changed_hours} hours; ${count.toLocaleString("en")} numbers in all.`,
    ...(whole.length === 0 ? [] : [tableOf(["in all", "before", "after", "change"], whole)]),
    tableOf(["merchant", "date", "dimension", "value", "measure", "before", "after", "change"], largest),
    ...(rows.length === limit ? [`The ${limit} largest; more with --limit.`] : []),
  ].join("\n\n");
}

const isMoney = (measure: string): boolean => measure === "gross" || measure === "refunds";

/** Money in major units, durations in seconds; a dash where the hour or value is not there at all. */
function valueOf(measure: string, value: Cell, currency: string): Cell {
  if (value === null) return "–";
  if (typeof value !== "number") return value;
  if (measure === "duration") return value / 1_000;
  return isMoney(measure) ? Number(formatUnits(value, currency)) : value;
}

const changeText = (change: number | null): string => (change === null ? "" : `${change > 0 ? "+" : ""}${change} %`);

const REFUSALS: Record<SwitchView["refused"][number]["reason"], string> = {
  unfinished: "has days that are not counted yet",
  failed: "has days that could not be counted",
  changed: "has days that changed meanwhile; they are being counted again: apply once more when that is done",
  moved_on:
    "has days that a later run or late events have changed since: roll that run back first, or replay them without the rules",
};

export function switchedText({ run, state, switched: done, refused, skipped }: SwitchView): string {
  const merchants = done === 1 ? "1 merchant" : `${done.toLocaleString("en")} merchants`;
  const lines = [`Run ${run}: ${merchants} switched; the run is ${state.replace("_", " ")}.`];
  for (const { merchant, reason, days } of refused) {
    const some = days.slice(0, 5).map(({ date, shard }) => (shard === 0 ? date : `${date}/${shard}`));
    lines.push(`  not ${merchant}: it ${REFUSALS[reason]} (${some.join(", ")}${days.length > 5 ? ", …" : ""})`);
  }
  for (const { merchant, days } of skipped)
    lines.push(`  left as they were, of ${merchant}: ${[...new Set(days.map(({ date }) => date))].join(", ")}`);
  return lines.join("\n");
}

export const nextSteps = ({ id, units }: RunView): string =>
  units.total === 0
    ? "There are no days in this range."
    : `Nothing has changed for readers. To switch them:  npm run ops -- replay apply ${id}`;
