// An erasure of a visitor as the API shows it.

/**
 * running: days that are sealed are being looked at. following: they are done, and days that are not sealed follow at their
 * seals. failed: some days could not be read.
 */
export const ERASURE_STATES = ["running", "following", "done", "failed"] as const;
export type ErasureState = (typeof ERASURE_STATES)[number];

export interface ErasureView {
  id: number;
  merchant: string;
  state: ErasureState;
  /** As the files have it: a hash of merchant and supplied id. */
  visitor: string;
  /** ISO 8601: what was received up to then is erased. */
  asked_at: string;
  who: string;
  why: string | null;
  /** Days of shards that are to be looked at, have been, and could not be. `listed` is false while more are being found. */
  days: { queued: number; done: number; failed: number; listed: boolean };
  /** Events that were erased, in all and by day; days that never saw the visitor are not among them. */
  events: number;
  erased: { date: string; events: number }[];
  /** Dates that are not sealed yet. */
  following: string[];
}
