// What was used of the platform, and what that costs: Cloudflare's list prices of November 2026, allowances that come
// with the plan not taken off. Postgres is not here.

export const PRICES = {
  /** Dollars per million. */
  workerRequests: 0.3,
  workerCpuMs: 0.02,
  objectRequests: 0.15,
  rowsWritten: 1,
  rowsRead: 0.001,
  queueOperations: 0.4,
  r2ClassA: 4.5,
  r2ClassB: 0.36,
  objectGigabyteSeconds: 12.5,
} as const;

type Price = keyof typeof PRICES;

export interface CostLine {
  what: string;
  price: Price;
  count: number;
  dollarsPerMillionEvents: number;
}

export class Usage {
  /** By what it was for. */
  readonly #counts = new Map<string, { price: Price; count: number }>();

  add(what: string, price: Price, count = 1): void {
    const known = this.#counts.get(what);
    if (known === undefined) this.#counts.set(what, { price, count });
    else known.count += count;
  }

  lines(events: number): CostLine[] {
    return [...this.#counts]
      .map(([what, { price, count }]) => ({
        what,
        price,
        count,
        dollarsPerMillionEvents: (count * PRICES[price]) / events,
      }))
      .sort((a, b) => b.dollarsPerMillionEvents - a.dollarsPerMillionEvents);
  }
}
