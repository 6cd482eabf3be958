// What was found of sealed days before, for one thing that is looked for: in the isolate's memory, or in the months that rest in
// the data centre's cache. No more than whole days can be kept: what is found in a cut of one is another thing.

import type { Scanner } from "../core/scanner.ts";
import { hashOf, keepFound, keepMonth, keptFound, keptMonth, type Month } from "./scan-shelf.ts";
import type { OpenUnit, ScanUnit, SealedUnit } from "./scan-units.ts";

export class KeptDays<Found> {
  readonly #name: string;
  readonly #scanner: Scanner<Found>;
  readonly #months = new Map<string, Month>();
  readonly #changed = new Set<string>();

  private constructor(name: string, scanner: Scanner<Found>) {
    this.#name = name;
    this.#scanner = scanner;
  }

  static async of<Found>(merchant: string, scanner: Scanner<Found>): Promise<KeptDays<Found>> {
    return new KeptDays(`${merchant} ${await hashOf(scanner.name)}`, scanner);
  }

  /** What is known of the units. */
  async find(units: readonly SealedUnit[]): Promise<Map<SealedUnit, Found>> {
    const found = new Map<SealedUnit, Found>();
    const away: SealedUnit[] = [];
    for (const unit of units.filter(isWhole)) {
      const here = keptFound(this.#keyOf(unit)) as Found | undefined;
      if (here === undefined) away.push(unit);
      else found.set(unit, here);
    }
    await this.#readMonths(away);
    for (const unit of away) {
      const near = this.#months.get(monthOf(unit))![dayOf(unit)] as Found | undefined;
      if (near === undefined) continue;
      found.set(unit, near);
      keepFound(this.#keyOf(unit), near, this.#scanner.sizeOf(near));
    }
    return found;
  }

  /** Of a unit that `find` did not know. */
  keep(unit: SealedUnit, found: Found): void {
    if (!isWhole(unit)) return;
    keepFound(this.#keyOf(unit), found, this.#scanner.sizeOf(found));
    this.#months.get(monthOf(unit))![dayOf(unit)] = found;
    this.#changed.add(monthOf(unit));
  }

  /** Puts away the months to which something has come, without what is of another generation by now. Does not wait for it. */
  save(units: readonly SealedUnit[]): void {
    const present = new Map(units.map((unit) => [`${unit.day.day.date}/${unit.shard}`, dayOf(unit)]));
    for (const month of this.#changed) {
      const days = Object.entries(this.#months.get(month)!).filter(([key]) => {
        const now = present.get(key.slice(0, key.lastIndexOf("/")));
        return now === undefined || now === key;
      });
      keepMonth(`${this.#name} ${month}`, Object.fromEntries(days));
    }
  }

  /** Of a day that is open, as long as it has so many events; undefined when it is not known. */
  findOpen(unit: OpenUnit, events: number): Found | undefined {
    return isWhole(unit) ? (keptFound(this.#openKeyOf(unit, events)) as Found | undefined) : undefined;
  }

  keepOpen(unit: OpenUnit, events: number, found: Found): void {
    if (isWhole(unit)) keepFound(this.#openKeyOf(unit, events), found, this.#scanner.sizeOf(found));
  }

  async #readMonths(units: readonly SealedUnit[]): Promise<void> {
    const months = [...new Set(units.map(monthOf))];
    const read = await Promise.all(months.map((month) => keptMonth(`${this.#name} ${month}`)));
    for (const [at, month] of months.entries()) this.#months.set(month, read[at]!);
  }

  #keyOf(unit: SealedUnit): string {
    return `${this.#name} ${dayOf(unit)}`;
  }

  #openKeyOf({ day, shard, unsealed }: OpenUnit, events: number): string {
    return `${this.#name} ${day.day.date}/${shard}/open ${unsealed.merchant.rules?.version ?? ""} ${events}`;
  }
}

/** No range cuts its day. */
export const isWhole = ({ day }: ScanUnit): boolean => day.cuts.every((cut) => cut === null);

const monthOf = ({ day }: SealedUnit): string => day.day.date.slice(0, 7);
const dayOf = ({ day, shard, generation }: SealedUnit): string => `${day.day.date}/${shard}/${generation}`;
