// The visits of a day of one shard as a scan finds them in its rows: what is known of a visit only when all its events have
// been seen. Rows come in the order of the log within each visit, so the first one began it, and the last page is its exit.

import { numbersOf, ordinalsOf, type ScanBatch, textsOf } from "./scan-columns.ts";

/** What of a visit is asked for. */
export interface VisitNeeds {
  /** When it began. */
  first: boolean;
  duration: boolean;
  bounces: boolean;
  exit: boolean;
}

/** Columns that the visits are found from. */
export function visitColumns(needs: VisitNeeds): string[] {
  const columns = ["visit_number"];
  if (needs.first || needs.duration) columns.push("occurred_at");
  if (needs.bounces || needs.exit) columns.push("name");
  if (needs.exit) columns.push("page", "entry_page");
  return columns;
}

/** Pageviews that matter: none, one, more. */
const PAGEVIEWS = 3;
const INTERACTIVE = 4;

export class ScanVisits {
  /** By the visit's number, like all that follows. */
  firstMs = new Float64Array(0);
  minMs = new Float64Array(0);
  maxMs = new Float64Array(0);
  /** Codes of `exitPages`; -1 while there is none. */
  exit = new Int32Array(0);
  readonly exitPages: string[] = [];
  readonly #exitCodes = new Map<string, number>();
  readonly #needs: VisitNeeds;
  #flags = new Uint8Array(0);

  constructor(needs: VisitNeeds) {
    this.#needs = needs;
  }

  isBounce(visit: number): boolean {
    const flags = this.#flags[visit]!;
    return (flags & PAGEVIEWS) <= 1 && (flags & INTERACTIVE) === 0;
  }

  duration(visit: number): number {
    return this.maxMs[visit]! - this.minMs[visit]!;
  }

  /** Takes in the rows; batches come in the order of the file. */
  look(batch: ScanBatch): void {
    const visits = ordinalsOf(batch, "visit_number");
    this.#grow(mostOf(visits) + 1);
    const { first, duration, bounces, exit } = this.#needs;
    if (first || duration) this.#lookAtTimes(batch, visits);
    if (bounces || exit) this.#lookAtPages(batch, visits);
  }

  // The rows of a visit come one after the other, so what is known of it need not be looked up for each.
  #lookAtTimes(batch: ScanBatch, visits: Int32Array): void {
    const times = numbersOf(batch, "occurred_at");
    const { firstMs, minMs, maxMs } = this;
    for (let row = 0; row < visits.length;) {
      const visit = visits[row]!;
      if (visit < 0) {
        row++;
        continue;
      }
      if (Number.isNaN(firstMs[visit]!)) firstMs[visit] = minMs[visit] = maxMs[visit] = times[row]!;
      let min = minMs[visit]!;
      let max = maxMs[visit]!;
      for (; visits[row] === visit; row++) {
        const atMs = times[row]!;
        if (atMs < min) min = atMs;
        if (atMs > max) max = atMs;
      }
      minMs[visit] = min;
      maxMs[visit] = max;
    }
  }

  #lookAtPages(batch: ScanBatch, visits: Int32Array): void {
    const names = textsOf(batch, "name");
    const kinds = kindsOf(names.size, names.text);
    const exits = this.#needs.exit ? this.#pagesOf(batch) : null;
    const all = this.#flags;
    for (let row = 0; row < visits.length;) {
      const visit = visits[row]!;
      if (visit < 0) {
        row++;
        continue;
      }
      let flags = all[visit]!;
      for (; visits[row] === visit; row++) {
        const kind = kinds[names.codes[row]!]!;
        if (kind === PAGEVIEW) {
          if ((flags & PAGEVIEWS) < 2) flags++;
          if (exits !== null) this.exit[visit] = exits.page(row);
        } else {
          if (kind === OTHER) flags |= INTERACTIVE;
          // Until it has a pageview a visit leaves from where it began.
          if (exits !== null && this.exit[visit] === -1) this.exit[visit] = exits.entry(row);
        }
      }
      all[visit] = flags;
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

  #grow(size: number): void {
    const before = this.#flags.length;
    if (size <= before) return;
    const room = before === 0 ? size : Math.max(size, 2 * before);
    const { first, duration, exit } = this.#needs;
    this.#flags = grown(this.#flags, new Uint8Array(room));
    if (first || duration) {
      this.firstMs = grown(this.firstMs, new Float64Array(room).fill(Number.NaN));
      this.minMs = grown(this.minMs, new Float64Array(room));
      this.maxMs = grown(this.maxMs, new Float64Array(room));
    }
    if (exit) this.exit = grown(this.exit, new Int32Array(room).fill(-1));
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

/** The highest number of a visit; -1 where there is none. */
export function mostOf(visits: Int32Array): number {
  let most = -1;
  for (let row = 0; row < visits.length; row++) if (visits[row]! > most) most = visits[row]!;
  return most;
}
