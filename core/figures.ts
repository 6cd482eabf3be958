// The metrics of a report's rows, from the sums that were counted for its questions in one range.

import type { Metric, MetricNumber, Need } from "./metrics.ts";
import { METRICS } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import { type Places, placeOf } from "./questions.ts";
import { rowKey } from "./scan-plan.ts";
import type { Tally } from "./tally.ts";

export class Figures {
  readonly #metrics: readonly Metric[];
  readonly #places: Places;
  /** By question. */
  readonly #tallies: readonly Tally[];
  /** Where in a row's key the dimension is that has names to show; -1 where none has. */
  readonly #named: number;

  constructor(plan: Plan, places: Places, tallies: readonly (readonly Tally[])[], range: number) {
    this.#metrics = plan.query.metrics;
    this.#places = places;
    this.#tallies = tallies.map((ofQuestion) => ofQuestion[range]!);
    const { fields, interval } = plan.questions[places.rows.question]!;
    const named = fields.findIndex((field) => field.kind === "dimension" && field.dimension === "product");
    this.#named = named < 0 || interval === null ? named : named + 1;
  }

  /** The rows that there are. */
  keys(): Iterable<string> {
    return this.#rows.rows.keys();
  }

  metricsOf(key: readonly string[]): MetricNumber[] {
    return this.#computed((need) => {
      const { place, sum } = placeOf(this.#places, need);
      const own = rowKey(place.positions.map((position) => key[position]!));
      return this.#tallies[place.question]!.rows.get(own)?.of(sum) ?? 0n;
    });
  }

  /** The metrics of a row that has nothing in it, in a whole that has nothing in it. */
  nothing(): MetricNumber[] {
    return this.#computed(() => 0n);
  }

  labelOf(key: readonly string[]): string | undefined {
    return this.#named < 0 ? undefined : this.#rows.labels.get(key[this.#named]!)?.label;
  }

  /** From `before` to `now`, in percent; of percentages in percentage points. */
  changes(now: readonly MetricNumber[], before: readonly MetricNumber[]): (number | null)[] {
    return this.#metrics.map((metric, at) => change(metric, now[at]!, before[at]!));
  }

  get #rows(): Tally {
    return this.#tallies[this.#places.rows.question]!;
  }

  #computed(of: (need: Need) => bigint): MetricNumber[] {
    return this.#metrics.map((metric) => METRICS[metric].compute(of));
  }
}

function change(metric: Metric, now: MetricNumber, before: MetricNumber): number | null {
  if (now === null || before === null) return null;
  if (METRICS[metric].kind === "percent") return toTenths(Number(now) - Number(before));
  if (Number(before) === 0) return Number(now) === 0 ? 0 : null;
  return toTenths((100 * (Number(now) - Number(before))) / Math.abs(Number(before)));
}

const toTenths = (n: number): number => Math.round(n * 10) / 10;
