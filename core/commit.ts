// A commit out of the requests that share it, as data: which events are new, what the books note, and each request's
// receipts. Changes nothing; the log row comes first, then `ShardState.apply`.

import { Admission, type Arrival, type Receipt } from "./admission.ts";
import { addTo } from "./books.ts";
import type { Event } from "./event.ts";
import type { Asked } from "./given-up.ts";
import { type Merchant, sameMerchant } from "./merchant.ts";
import type { Receipts } from "./messages.ts";
import type { Commit, Notes, ShardState } from "./shard.ts";
import { REJECTED_EXAMPLES_MAX } from "./limits.ts";
import type { RejectedExample } from "./rejected-example.ts";
import { dayAt } from "./zone.ts";

export interface CommitRequest {
  merchant: Merchant;
  arrivals: readonly Arrival[];
  /** What the door refused, by reason. */
  rejected: Record<string, number>;
  rejectedExamples?: readonly RejectedExample[];
  /** [order id, event id] that sibling shards ask to be kept. */
  claims: readonly [string, string][];
  /** Ids that another shard asks to be given up; a request has these or arrivals. */
  asked?: readonly Asked[];
  receivedAtMs: number;
}

export interface CommitPlan {
  commit: Commit;
  /** The accepted events as they came, for the log. */
  lines: string[];
  /** One for each request, in their order. */
  receipts: Receipts[];
}

export const emptyNotes = (receivedAtMs: number): Notes => ({
  receivedAtMs,
  received: {},
  duplicate: {},
  rejected: {},
  claims: [],
});

/** At least one request; the last one's merchant is the newest. */
export function planCommit(state: ShardState, requests: readonly CommitRequest[], shard = 0): CommitPlan {
  const admission = new Admission(state, shard);
  const merchant = state.merchantAfter(requests.at(-1)!.merchant);
  const { zone } = merchant;
  const notes = emptyNotes(requests[0]!.receivedAtMs);
  notes.claims = requests.flatMap((request) => request.claims);
  if (!sameMerchant(state.merchant, merchant)) notes.merchant = merchant;
  const examples = requests.flatMap(({ rejectedExamples = [] }) => rejectedExamples);
  if (examples.length > 0) notes.rejectedExamples = examples.slice(-REJECTED_EXAMPLES_MAX);
  const lines: string[] = [];
  const events: Event[] = [];
  const givenUp: Asked[] = [];
  const receipts = requests.map((request) => {
    noteRejected(notes, request, zone);
    if (request.asked !== undefined) return giveUp(admission, request.asked, givenUp);
    const letters = request.arrivals.map((arrival): Receipt => {
      const receipt = admission.judge(arrival);
      if (receipt === "r") return receipt;
      const { date } = dayAt(zone, arrival.event.occurred_at);
      addTo(notes.received, date);
      if (receipt === "a" || receipt === "l") {
        lines.push(arrival.line);
        events.push(arrival.event);
      } else addTo(notes.duplicate, date);
      return receipt;
    });
    return letters.join("");
  });
  if (givenUp.length > 0) notes.givenUp = givenUp;
  return { commit: { seq: state.seq + 1, events, notes }, lines, receipts };
}

/** Letters: h(as it), g(iven up). */
function giveUp(admission: Admission, asked: readonly Asked[], noted: Asked[]): string {
  const letters = asked.map((one) => {
    const { letter, isNews } = admission.giveUp(one);
    if (isNews) noted.push(one);
    return letter;
  });
  return letters.join("");
}

function noteRejected(notes: Notes, { rejected, receivedAtMs }: CommitRequest, zone: string): void {
  const reasons = Object.entries(rejected);
  if (reasons.length === 0) return;
  const { date } = dayAt(zone, receivedAtMs);
  for (const [reason, n] of reasons) {
    addTo(notes.received, date, n);
    addTo((notes.rejected[date] ??= {}), reason, n);
  }
}
