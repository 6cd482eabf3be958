// What events and visits can be broken down and filtered by. Dimensions of rollups are kept by the hour; the others are
// read from the events themselves.

import type { Dimension } from "./rollup.ts";

export const ITEM_FIELDS = ["id", "name", "brand", "category", "variant"] as const;
export type ItemField = (typeof ITEM_FIELDS)[number];

export type Field =
  /** One of core/rollup.ts, with its meaning there: an attribute of the visit, or of the single event. */
  | { kind: "dimension"; dimension: Dimension }
  /** A property of the event: on the wire `event:props:<name>`. */
  | { kind: "prop"; name: string }
  /** Of an event's items: an event has as many values as its items have. On the wire `item:brand`. */
  | { kind: "item"; field: ItemField }
  /** Goals that the event reaches, by name: it can be several. */
  | { kind: "goal" };

/** A goal of the merchant: an event, or a pageview of a page, that is worth counting visits by. */
export interface Goal {
  name: string;
  /** Of an event its name; of a page its path, where `*` stands for any letters. */
  match: { kind: "event"; event: string } | { kind: "page"; pattern: string };
  /** What reaching it is worth, in major units of the merchant's currency. */
  value?: number;
}
