// Parts of days put together: the tallies of a scan, by question and then by range.

import { type Interval, labelsOf } from "./interval.ts";
import type { ScannedDay } from "./scan-days.ts";
import type { DayParts, Part } from "./scan-part.ts";
import { rowKey, type ScanPlan, type ScanQuestion } from "./scan-plan.ts";
import { EXACT_MAX } from "./sketch.ts";
import { Sums } from "./sums.ts";
import { emptyTally, type Tally } from "./tally.ts";

export class ScanTallies {
  readonly #plan: ScanPlan;
  readonly #tallies: TallyBuilder[][];

  constructor(plan: ScanPlan) {
    this.#plan = plan;
    this.#tallies = plan.questions.map((question) => plan.ranges.map(() => new TallyBuilder(question, plan)));
  }

  /** Takes in what was found of one shard's day, each once. */
  add({ day, ofRange }: ScannedDay, { currency, parts }: DayParts): void {
    for (const [question, ofRanges] of this.#tallies.entries()) {
      for (const [range, tally] of ofRanges.entries()) {
        const cut = ofRange[range] ?? null;
        if (cut !== null)
          tally.add(day.date, day.startMs, parts[question]![cut]!, currency === this.#plan.currency ? null : currency);
      }
    }
  }

  tallies(): Tally[][] {
    return this.#tallies.map((ofRanges) => ofRanges.map((tally) => tally.build()));
  }
}

interface Row {
  /** By measure of the question. */
  sums: Float64Array;
  anonymous: number;
  estimated: boolean;
  identified: string[];
  /** What no longer fitted. */
  carried: Sums | null;
}

class TallyBuilder {
  readonly #question: ScanQuestion;
  readonly #zone: string;
  readonly #rows = new Map<string, Row>();
  readonly #labels: Tally["labels"] = new Map();
  readonly #formerCurrencies = new Set<string>();
  #foreign = 0;

  constructor(question: ScanQuestion, { zone }: ScanPlan) {
    this.#question = question;
    this.#zone = zone;
    // The whole always has its row.
    if (question.fields.length === 0 && question.interval === null) this.#row(rowKey([]));
  }

  /** `former`: the currency of money that is not the plan's, and is left out. */
  add(date: string, startMs: number, part: Part, former: string | null): void {
    const { measures } = this.#question;
    const left = measures.map((measure) => former !== null && (measure === "gross" || measure === "refunds"));
    const before = bucketBefore(this.#question.interval, this.#zone, date, startMs);
    for (const [at, key] of part.keys.entries()) {
      const row = this.#row(before === null ? key : withBucket(before, key));
      for (let place = 0; place < measures.length; place++)
        if (!left[place]!) this.#addTo(row, place, part.sums[place]![at]!);
      const anonymous = part.anonymous?.[at] ?? 0;
      row.anonymous += anonymous;
      row.estimated ||= anonymous > EXACT_MAX;
      const identified = part.identified?.[at] ?? null;
      if (identified !== null) row.identified.push(identified);
    }
    for (const [product, label] of part.labels) this.#label(product, label, date);
    this.#foreign += part.foreign;
    if (former !== null && part.keys.length > 0) this.#formerCurrencies.add(former);
  }

  build(): Tally {
    const rows = [...this.#rows].map(([key, row]) => [key, this.#sumsOf(row)] as const);
    return {
      ...emptyTally(),
      rows: new Map(rows),
      labels: this.#labels,
      foreign: this.#foreign,
      formerCurrencies: this.#formerCurrencies,
    };
  }

  #row(key: string): Row {
    let row = this.#rows.get(key);
    if (row === undefined) {
      const sums = new Float64Array(this.#question.measures.length);
      row = { sums, anonymous: 0, estimated: false, identified: [], carried: null };
      this.#rows.set(key, row);
    }
    return row;
  }

  #addTo(row: Row, place: number, n: number): void {
    const sum = row.sums[place]! + n;
    if (Number.isSafeInteger(sum)) {
      row.sums[place] = sum;
      return;
    }
    row.carried ??= new Sums();
    row.carried.add(this.#question.measures[place]!, n);
  }

  #sumsOf({ sums, anonymous, estimated, identified, carried }: Row): Sums {
    const all = carried ?? new Sums();
    for (const [place, measure] of this.#question.measures.entries()) all.add(measure, sums[place]!);
    if (estimated) all.addSketchedVisitors(anonymous);
    else all.addCountedVisitors(anonymous);
    for (const sketch of identified) all.addVisitors("", null, sketch);
    return all;
  }

  #label(product: string, label: string, date: string): void {
    const known = this.#labels.get(product);
    if (known !== undefined && (known.date > date || (known.date === date && known.label >= label))) return;
    this.#labels.set(product, { label, date });
  }
}

/** The bucket that all rows of the day are in, where buckets are no shorter than it. */
function bucketBefore(interval: Interval | null, zone: string, date: string, startMs: number): string | null {
  if (interval === null || interval === "hour" || interval === "minute") return null;
  return JSON.stringify(labelsOf(zone, interval)(date, startMs));
}

/** `rowKey` of the bucket and then the parts of the key. */
const withBucket = (bucket: string, key: string): string =>
  key === "[]" ? `[${bucket}]` : `[${bucket},${key.slice(1)}`;
