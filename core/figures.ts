// The metrics of a report's rows, from the sums that were counted for its questions in one range.

import { type Metric, type MetricNumber, METRICS, type Need } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import { type Place, type Places, placeOf } from "./questions.ts";
import { partsOf, rowKey } from "./scan-plan.ts";
import type { Sums } from "./sums.ts";
import type { Tally } from "./tally.ts";

/** A row's key, taken apart when that is asked: there may be tens of thousands of them. */
export class RowName {
  readonly text: string;
  #parts: readonly string[] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get parts(): readonly string[] {
    return (this.#parts ??= partsOf(this.text));
  }
}

type Find = (row: RowName) => Sums | undefined;

export class Figures {
  readonly #metrics: readonly Metric[];
  readonly #rows: Tally;
  readonly #found: ReadonlyMap<Need, (row: RowName) => bigint>;
  /** Where in a row's key the dimension is that has names to show; -1 where none has. */
  readonly #named: number;

  constructor(plan: Plan, places: Places, tallies: readonly (readonly Tally[])[], range: number) {
    this.#metrics = plan.query.metrics;
    this.#rows = tallies[places.rows.question]![range]!;
    const needs = new Set(this.#metrics.flatMap((metric) => METRICS[metric].needs));
    this.#found = new Map(
      [...needs].map((need) => {
        const { place, sum } = placeOf(places, need);
        const find = finding(place, tallies[place.question]![range]!, places.rows.positions.length);
        return [need, (row) => find(row)?.of(sum) ?? 0n];
      }),
    );
    const { fields, interval } = plan.questions[places.rows.question]!;
    const named = fields.findIndex((field) => field.kind === "dimension" && field.dimension === "product");
    this.#named = named < 0 || interval === null ? named : named + 1;
  }

  /** The keys of the rows that there are. */
  keys(): Iterable<string> {
    return this.#rows.rows.keys();
  }

  metricsOf(row: RowName): MetricNumber[] {
    return this.#metrics.map((metric) => this.metricOf(metric, row));
  }

  metricOf(metric: Metric, row: RowName): MetricNumber {
    return METRICS[metric].compute((need) => this.#found.get(need)!(row));
  }

  labelOf(row: RowName): string | undefined {
    return this.#named < 0 ? undefined : this.#rows.labels.get(row.parts[this.#named]!)?.label;
  }
}

/** How the sums of a row are found in a place. Mostly they are the row's own, or those of the whole for every row. */
function finding({ positions }: Place, { rows }: Tally, parts: number): Find {
  if (positions.length === parts) return ({ text }) => rows.get(text);
  if (positions.length > 0) return (row) => rows.get(rowKey(positions.map((position) => row.parts[position]!)));
  const whole = rows.get(rowKey([]));
  return () => whole;
}

/** The metrics of a row that has nothing in it, in a whole that has nothing in it. */
export const nothingOf = (metrics: readonly Metric[]): MetricNumber[] =>
  metrics.map((metric) => METRICS[metric].compute(() => 0n));

/** From `before` to `now`, in percent; of percentages in percentage points. */
export const changesOf = (
  metrics: readonly Metric[],
  now: readonly MetricNumber[],
  before: readonly MetricNumber[],
): (number | null)[] => metrics.map((metric, at) => change(metric, now[at]!, before[at]!));

function change(metric: Metric, now: MetricNumber, before: MetricNumber): number | null {
  if (now === null || before === null) return null;
  if (METRICS[metric].kind === "percent") return toTenths(Number(now) - Number(before));
  if (Number(before) === 0) return Number(now) === 0 ? 0 : null;
  return toTenths((100 * (Number(now) - Number(before))) / Math.abs(Number(before)));
}

const toTenths = (n: number): number => Math.round(n * 10) / 10;
