// Counts the matching rows of a day for one question and one cut of the day: measures of events in the row of the event,
// measures of visits once in each row that an event of theirs has.

import type { Trade } from "./commerce.ts";
import type { Goal } from "./field.ts";
import { wordAt } from "./hex.ts";
import type { Measure } from "./rollup.ts";
import { Buckets } from "./scan-buckets.ts";
import { flagsOf, numbersOf, ordinalsOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import type { Cut } from "./scan-days.ts";
import { isExit } from "./scan-fields.ts";
import type { Narrow, Rows } from "./scan-filter.ts";
import { type KeysOfRow, manyKeys, oneKey } from "./scan-keys.ts";
import type { Part } from "./scan-part.ts";
import type { ScanQuestion } from "./scan-plan.ts";
import { RowSums } from "./scan-rows.ts";
import type { ScanVisits } from "./scan-visits.ts";
import type { Day } from "./zone.ts";

export interface CountedQuestion {
  question: ScanQuestion;
  narrow: Narrow | null;
  /** By product or another field of items: each has its own part of an event. */
  ofItems: boolean;
}

const OF_VISITS: ReadonlySet<string> = new Set<Measure>(["visits", "bounces", "duration"]);

/** Adds something of a row to the sums of a key; `of`: a visit, or which of the keys that were found. */
type Adder = (row: number, number: number, of: number) => void;

export class Counter {
  readonly #asked: CountedQuestion;
  readonly #goals: readonly Goal[];
  readonly #currency: string;
  readonly #cut: Cut;
  readonly #buckets: Buckets | null;
  readonly #sums: RowSums;
  /** Places of measures in the question; -1 for what is not asked. */
  readonly #visitsAt: number;
  readonly #bouncesAt: number;
  readonly #durationAt: number;
  readonly #ofVisits: boolean;
  readonly #ofEvents: boolean;
  /** Pages that visits end on are the visit's, and so are visitors by them. */
  readonly #byExit: boolean;

  constructor(
    asked: CountedQuestion,
    goals: readonly Goal[],
    day: Day,
    cut: Cut,
    currency: string,
    isOneBatch: boolean,
    rowsMax: number,
  ) {
    const { fields, interval, measures } = asked.question;
    this.#asked = asked;
    this.#goals = goals;
    this.#currency = currency;
    this.#cut = cut;
    this.#buckets = interval === "hour" || interval === "minute" ? new Buckets(day, interval) : null;
    this.#sums = new RowSums(fields.length + (this.#buckets === null ? 0 : 1), rowsMax, measures.length, isOneBatch);
    this.#visitsAt = measures.indexOf("visits");
    this.#bouncesAt = measures.indexOf("bounces");
    this.#durationAt = measures.indexOf("duration");
    this.#ofVisits = measures.some((measure) => OF_VISITS.has(measure));
    this.#ofEvents = measures.some((measure) => !OF_VISITS.has(measure));
    this.#byExit = fields.some(isExit);
  }

  /** `visits` are complete. */
  count(rows: Rows, batch: ScanBatch, visits: ScanVisits | null): void {
    const { visitors } = this.#asked.question;
    const cut = this.#cut;
    const buckets = this.#buckets;
    const times = cut === null && buckets === null ? null : numbersOf(batch, "occurred_at");
    const numbers = this.#ofVisits || visitors ? ordinalsOf(batch, "visit_number") : null;
    const foreign = flagsOf(batch, "foreign");
    const keys = this.#keysOf(batch, visits);
    const addEvent = this.#eventAdder(batch, keys);
    const addVisitor = visitors ? this.#visitorAdder(batch) : null;
    const eventsMakeRows = this.#ofEvents || !this.#byExit;
    const ofVisits = this.#ofVisits || (visitors && this.#byExit);
    for (let row = 0; row < rows.length; row++) {
      if (rows[row] === 0) continue;
      const visit = numbers === null ? -1 : numbers[row]!;
      const atMs = times === null ? 0 : times[row]!;
      const isInCut = cut === null || (atMs >= cut.fromMs && atMs < cut.toMs);
      if (isInCut) this.#sums.foreign += foreign[row]!;
      if (isInCut && eventsMakeRows) {
        const found = keys.find(row, buckets === null ? 0 : buckets.code(atMs, this.#sums.keys));
        for (let at = 0; at < found; at++) {
          this.#sums.has(keys.numbers[at]!);
          addEvent(row, keys.numbers[at]!, at);
          if (addVisitor !== null && visit >= 0 && !this.#byExit) addVisitor(row, keys.numbers[at]!, visit);
        }
      }
      if (ofVisits && visit >= 0) this.#countVisit(row, visit, visits, keys, times !== null, addVisitor);
    }
  }

  part(): Part {
    return this.#sums.part(this.#asked.question.visitors);
  }

  #countVisit(
    row: number,
    visit: number,
    visits: ScanVisits | null,
    keys: KeysOfRow,
    isTimed: boolean,
    addVisitor: Adder | null,
  ): void {
    const cut = this.#cut;
    const firstMs = isTimed ? visits!.firstMs[visit]! : 0;
    if (cut !== null && (firstMs < cut.fromMs || firstMs >= cut.toMs)) return;
    const found = keys.find(row, this.#buckets === null ? 0 : this.#buckets.code(firstMs, this.#sums.keys));
    const sums = this.#sums;
    for (let at = 0; at < found; at++) {
      const number = keys.numbers[at]!;
      sums.has(number);
      if (this.#byExit) addVisitor?.(row, number, visit);
      if (!sums.visits.isNew(number, visit)) continue;
      if (this.#visitsAt >= 0) sums.add(this.#visitsAt, number, 1);
      if (this.#bouncesAt >= 0 && visits!.isBounce(visit)) sums.add(this.#bouncesAt, number, 1);
      if (this.#durationAt >= 0) sums.add(this.#durationAt, number, visits!.duration(visit));
    }
  }

  /** Adds a row's visitor to the sketches of a key, once for each visit. */
  #visitorAdder(batch: ScanBatch): Adder {
    const { codes, size, text } = textsOf(batch, "visitor");
    const identified = flagsOf(batch, "identified");
    const known = new Uint8Array(size);
    const [hi, lo] = [new Uint32Array(size), new Uint32Array(size)];
    const sums = this.#sums;
    return (row, number, visit) => {
      if (!sums.visitors.isNew(number, visit)) return;
      const code = codes[row]!;
      if (known[code] === 0) {
        const visitor = text(code);
        known[code] = 1;
        hi[code] = wordAt(visitor, 0);
        lo[code] = wordAt(visitor, 8);
      }
      sums.addVisitor(number, hi[code]!, lo[code]!, identified[row] === 1);
    };
  }

  #keysOf(batch: ScanBatch, visits: ScanVisits | null): KeysOfRow {
    const { question, ofItems } = this.#asked;
    const first = this.#buckets === null ? 0 : 1;
    const about = { fields: question.fields, first, goals: this.#goals, batch, visits, keys: this.#sums.keys };
    const isOne = !ofItems && !question.fields.some(({ kind }) => kind === "goal");
    return isOne ? oneKey(about) : manyKeys(about, this.#currency, this.#sums.labels);
  }

  /** Adds a row's measures of events to the sums of a key; `at`: which of the keys that were found of the row. */
  #eventAdder(batch: ScanBatch, keys: KeysOfRow): Adder {
    const { measures } = this.#asked.question;
    const sums = this.#sums;
    const adders = measures.flatMap((measure, place) => {
      if (OF_VISITS.has(measure)) return [];
      const amount = amountOf(measure, batch, keys);
      return [(row: number, number: number, at: number) => sums.add(place, number, amount(row, at))];
    });
    return (row, number, at) => {
      for (let each = 0; each < adders.length; each++) adders[each]!(row, number, at);
    };
  }
}

function amountOf(measure: Measure, batch: ScanBatch, keys: KeysOfRow): (row: number, at: number) => number {
  if (measure === "events") return () => 1;
  if (measure === "pageviews") {
    const { codes, size, text } = textsOf(batch, "name");
    const isPageview = Uint8Array.from({ length: size }, (_, code) => Number(text(code) === "pageview"));
    return (row) => isPageview[codes[row]!] ?? 0;
  }
  const { trades } = keys;
  const name = measure as keyof Trade;
  if (trades !== null) return (_, at) => trades[at]![name];
  const numbers = numbersOf(batch, measure);
  return (row) => numbers[row]!;
}
