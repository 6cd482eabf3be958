// The books of some days as the API shows them: where every event went, and some of those that were refused.

import type { Books } from "./books.ts";
import type { RejectedExample } from "./rejected-example.ts";

export interface BooksView {
  merchant: string;
  from: string;
  to: string;
  days: BookedDay[];
  /** The newest first. */
  rejected_examples: (Omit<RejectedExample, "atMs"> & { at: string })[];
}

export interface BookedDay extends Omit<Books, "verdicts"> {
  date: string;
  counted: number;
  /** By verdict. */
  not_counted: Record<string, number>;
  /** Accepted once, and erased since. */
  erased: number;
  /** Accepted for a day that is sealed, and not counted yet. */
  late: number;
  balanced: boolean;
  /** proven: counting again what is in the archive gave what was published. */
  state: "open" | "sealed" | "proven";
  /** More than one where its shards began the day with different ones. */
  rules_versions: number[];
}
