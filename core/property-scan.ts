// Which properties the events of a day have, found by going through its rows. Each text of properties is read once, however many
// events have the same. A sender can make up names without end: past a bound, further ones of the day are left out.

import { PROPERTY_NAMES_A_DAY_MAX } from "./limits.ts";
import type { PropertyCounts } from "./properties.ts";
import { countedRows } from "./scan-selection.ts";
import { numbersOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import type { Cut } from "./scan-days.ts";
import type { DayScanner, Pass, Scanner } from "./scanner.ts";

/** By cut of the day. */
export type PropertiesFound = PropertyCounts[];

const VERSION = 1;
/** Its properties are the script's own. */
const OWN_EVENT = "engagement";

export const propertyScanner = (isCut: boolean): Scanner<PropertiesFound> => ({
  name: JSON.stringify(["properties", VERSION]),
  columns: new Set(["verdict", "name", "props", ...(isCut ? ["occurred_at"] : [])]),
  byEvent: true,
  selection: null,
  day: (_, cuts) => new PropertyDay(cuts),
  sizeOf: (found) => 60 * found.reduce((sum, counts) => sum + Object.keys(counts).length, 1),
});

class PropertyDay implements DayScanner<PropertiesFound> {
  readonly passes: readonly Pass[] = ["count"];
  readonly #cuts: readonly Cut[];
  readonly #counts: Map<string, number>[];

  constructor(cuts: readonly Cut[]) {
    this.#cuts = cuts;
    this.#counts = cuts.map(() => new Map<string, number>());
  }

  take(_: Pass, batch: ScanBatch): void {
    const names = textsOf(batch, "name");
    const props = textsOf(batch, "props");
    const counted = countedRows(batch);
    const own = Array.from({ length: names.size }, (_code, code) => names.text(code) === OWN_EVENT);
    for (const [at, cut] of this.#cuts.entries()) {
      const times = cut === null ? null : numbersOf(batch, "occurred_at");
      const events = new Uint32Array(props.size);
      for (let row = 0; row < batch.rows; row++) {
        const code = props.codes[row]!;
        if (code < 0 || counted[row] === 0 || own[names.codes[row]!]!) continue;
        if (times === null || (times[row]! >= cut!.fromMs && times[row]! < cut!.toMs)) events[code]!++;
      }
      for (let code = 0; code < events.length; code++) {
        if (events[code]! > 0) add(this.#counts[at]!, namesIn(props.text(code)), events[code]!);
      }
    }
  }

  found(): PropertiesFound {
    return this.#counts.map((counts) => Object.fromEntries(counts));
  }
}

const namesIn = (json: string): string[] => Object.keys(JSON.parse(json) as object);

function add(counts: Map<string, number>, names: readonly string[], events: number): void {
  for (const name of names) {
    const known = counts.get(name);
    if (known !== undefined || counts.size < PROPERTY_NAMES_A_DAY_MAX) counts.set(name, (known ?? 0) + events);
  }
}
