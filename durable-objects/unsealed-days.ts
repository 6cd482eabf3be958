// Days of a shard that no seal has made files of, for scans of their single events: which there are, and what of their events
// R2 may not have. Asked before R2 is listed: what is not in here is there.

import type { UnsealedDay } from "../core/messages.ts";
import { segmentDates } from "./outbox.ts";
import type { ShardMemory } from "./shard-memory.ts";

/** What is sent at once: an RPC takes 32 MB. R2 has been out of reach for long before so much waits. */
const LINES_CHARS_MAX = 12_000_000;

/** Those of the dates from `from` to `to`, both included. Throws when more of them waits for R2 than can be sent. */
export function unsealedDaysOf(
  { state, segments, ledger, zone }: ShardMemory,
  from: string,
  to: string,
): UnsealedDay[] {
  const isAsked = (date: string): boolean => date >= from && date <= to;
  const days: UnsealedDay[] = [];
  for (const { day, merchant, books } of state.days.values()) {
    if (isAsked(day.date) && books.accepted > 0)
      days.push({ date: day.date, merchant, accepted: books.accepted, closedSeq: null, segments: [] });
  }
  for (const [date, { merchant, books, closedSeq }] of state.closed) {
    const isSealed = (ledger.seals.get(date)?.confirmedSeq ?? 0) > 0;
    // A day closes when R2 has all of it: what has come since is late, and not counted before the next seal.
    if (isAsked(date) && !isSealed) days.push({ date, merchant, accepted: books.accepted, closedSeq, segments: [] });
  }
  const open = days.filter(({ closedSeq }) => closedSeq === null);
  if (open.length === 0) return days;
  let chars = 0;
  for (const { first } of segments.views()) {
    const segment = segments.read(first);
    const dates = segment === null ? null : segmentDates(segment, zone);
    for (const day of open) {
      const lines = (dates?.get(day.date) ?? []).join("\n");
      chars += lines.length;
      if (chars > LINES_CHARS_MAX) throw new Error(`more than ${LINES_CHARS_MAX} characters are not in R2 yet`);
      // Also one without lines: R2 may have more of it by the time that it is listed.
      day.segments.push({ from: first, lines });
    }
  }
  return days;
}
