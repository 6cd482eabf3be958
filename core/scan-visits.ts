// The visits of a day of one shard as a scan finds them in its rows: what is known of a visit only when all its events have
// been seen. Rows come in the order of the log within each visit, so the first one began it, and the last page is its exit.

import { wordAt } from "./hex.ts";
import { type ScanBatch, flagsOf, numbersOf, ordinalsOf, textsOf } from "./scan-columns.ts";

/** What of a visit is asked for. */
export interface VisitNeeds {
  /** When it began. */
  first: boolean;
  duration: boolean;
  bounces: boolean;
  exit: boolean;
  visitor: boolean;
}

/** Columns that the visits are found from. */
export function visitColumns(needs: VisitNeeds): string[] {
  const columns = ["visit_number"];
  if (needs.first || needs.duration) columns.push("occurred_at");
  if (needs.bounces || needs.exit) columns.push("name");
  if (needs.exit) columns.push("page", "entry_page");
  if (needs.visitor) columns.push("visitor", "identified");
  return columns;
}

/** Pageviews that matter: none, one, more. */
const PAGEVIEWS = 3;
const INTERACTIVE = 4;
const IDENTIFIED = 8;

export class ScanVisits {
  /** By the visit's number, like all that follows. */
  firstMs = new Float64Array(0);
  minMs = new Float64Array(0);
  maxMs = new Float64Array(0);
  hi = new Uint32Array(0);
  lo = new Uint32Array(0);
  /** Codes of `exitPages`; -1 while there is none. */
  exit = new Int32Array(0);
  readonly exitPages: string[] = [];
  readonly #exitCodes = new Map<string, number>();
  readonly #needs: VisitNeeds;
  /** 1 once some row of it has been seen. */
  #known = new Uint8Array(0);
  #flags = new Uint8Array(0);

  constructor(needs: VisitNeeds) {
    this.#needs = needs;
  }

  /** Room for visits: their numbers are below it. */
  get size(): number {
    return this.#known.length;
  }

  isBounce(visit: number): boolean {
    const flags = this.#flags[visit]!;
    return (flags & PAGEVIEWS) <= 1 && (flags & INTERACTIVE) === 0;
  }

  isIdentified(visit: number): boolean {
    return (this.#flags[visit]! & IDENTIFIED) !== 0;
  }

  duration(visit: number): number {
    return this.maxMs[visit]! - this.minMs[visit]!;
  }

  /** Takes in the rows; batches come in the order of the file. */
  look(batch: ScanBatch): void {
    const visits = ordinalsOf(batch, "visit_number");
    let most = -1;
    for (let row = 0; row < batch.rows; row++) if (visits[row]! > most) most = visits[row]!;
    this.#grow(most + 1);
    const { first, duration, bounces, exit, visitor } = this.#needs;
    if (visitor) this.#lookAtVisitors(batch, visits);
    if (first || duration) this.#lookAtTimes(batch, visits);
    if (bounces || exit) this.#lookAtPages(batch, visits);
    for (let row = 0; row < batch.rows; row++) if (visits[row]! >= 0) this.#known[visits[row]!] = 1;
  }

  #lookAtTimes(batch: ScanBatch, visits: Int32Array): void {
    const times = numbersOf(batch, "occurred_at");
    const { firstMs, minMs, maxMs } = this;
    for (let row = 0; row < batch.rows; row++) {
      const visit = visits[row]!;
      if (visit < 0) continue;
      const atMs = times[row]!;
      if (Number.isNaN(firstMs[visit]!)) firstMs[visit] = minMs[visit] = maxMs[visit] = atMs;
      else if (atMs < minMs[visit]!) minMs[visit] = atMs;
      else if (atMs > maxMs[visit]!) maxMs[visit] = atMs;
    }
  }

  #lookAtPages(batch: ScanBatch, visits: Int32Array): void {
    const names = textsOf(batch, "name");
    const kinds = kindsOf(names.size, names.text);
    const exits = this.#needs.exit ? this.#pagesOf(batch) : null;
    const flags = this.#flags;
    for (let row = 0; row < batch.rows; row++) {
      const visit = visits[row]!;
      if (visit < 0) continue;
      const kind = kinds[names.codes[row]!]!;
      if (kind === PAGEVIEW) {
        if ((flags[visit]! & PAGEVIEWS) < 2) flags[visit]!++;
        if (exits !== null) this.exit[visit] = exits.page(row);
      } else {
        if (kind === OTHER) flags[visit]! |= INTERACTIVE;
        // Until it has a pageview a visit leaves from where it began.
        if (exits !== null && this.exit[visit] === -1) this.exit[visit] = exits.entry(row);
      }
    }
  }

  #pagesOf(batch: ScanBatch): { page: (row: number) => number; entry: (row: number) => number } {
    const coder = (name: string) => {
      const { codes, size, text } = textsOf(batch, name);
      const known = new Int32Array(size).fill(-1);
      return (row: number): number => {
        const code = codes[row]!;
        if (known[code] === -1) known[code] = this.#exitCode(text(code));
        return known[code]!;
      };
    };
    return { page: coder("page"), entry: coder("entry_page") };
  }

  #exitCode(page: string): number {
    let code = this.#exitCodes.get(page);
    if (code === undefined) {
      code = this.exitPages.push(page) - 1;
      this.#exitCodes.set(page, code);
    }
    return code;
  }

  #lookAtVisitors(batch: ScanBatch, visits: Int32Array): void {
    const { codes, text } = textsOf(batch, "visitor");
    const identified = flagsOf(batch, "identified");
    for (let row = 0, before = -1; row < batch.rows; row++) {
      const visit = visits[row]!;
      if (visit < 0 || visit === before || this.#known[visit] === 1) continue;
      before = visit;
      const visitor = text(codes[row]!);
      this.hi[visit] = wordAt(visitor, 0);
      this.lo[visit] = wordAt(visitor, 8);
      if (identified[row] === 1) this.#flags[visit]! |= IDENTIFIED;
    }
  }

  #grow(size: number): void {
    if (size <= this.size) return;
    const room = this.size === 0 ? size : Math.max(size, 2 * this.size);
    this.#known = grown(this.#known, new Uint8Array(room));
    this.#flags = grown(this.#flags, new Uint8Array(room));
    if (this.#needs.first || this.#needs.duration) {
      this.firstMs = grown(this.firstMs, new Float64Array(room).fill(Number.NaN));
      this.minMs = grown(this.minMs, new Float64Array(room));
      this.maxMs = grown(this.maxMs, new Float64Array(room));
    }
    if (this.#needs.exit) this.exit = grown(this.exit, new Int32Array(room).fill(-1));
    if (!this.#needs.visitor) return;
    this.hi = grown(this.hi, new Uint32Array(room));
    this.lo = grown(this.lo, new Uint32Array(room));
  }
}

const PAGEVIEW = 1;
const ENGAGEMENT = 2;
const OTHER = 3;

const kindsOf = (size: number, text: (code: number) => string): Uint8Array =>
  Uint8Array.from({ length: size }, (_, code) => {
    const name = text(code);
    return name === "pageview" ? PAGEVIEW : name === "engagement" ? ENGAGEMENT : OTHER;
  });

export function grown<Numbers extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
