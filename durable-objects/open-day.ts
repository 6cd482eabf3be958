// An open day as its object has it, for whoever counts it again: the events that R2 may not have, and the hours that go on
// changing, all as of one log sequence. What is not here is in R2, or does not change: an hour without live visits has a
// sequence of its own, which says whether it is still as it was.

import type { OpenDay } from "../core/messages.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import { segmentDates } from "./outbox.ts";
import type { ShardMemory } from "./shard-memory.ts";

/** What is sent at once: an RPC takes 32 MB. R2 has been out of reach for long before so much waits. */
const LINES_CHARS_MAX = 12_000_000;

/** Null when the day is not open here. Throws when more of it waits for R2 than can be sent. */
export function openDayOf(memory: ShardMemory, address: [string, number], date: string): OpenDay | null {
  const { state, segments, zone } = memory;
  const day = state.days.get(date);
  if (day === undefined) return null;
  const waiting: OpenDay["segments"] = [];
  let chars = 0;
  for (const { first } of segments.views()) {
    const segment = segments.read(first);
    const lines = segment === null ? [] : (segmentDates(segment, zone).get(date) ?? []);
    const text = lines.join("\n");
    chars += text.length;
    if (chars > LINES_CHARS_MAX)
      throw new Error(`more than ${LINES_CHARS_MAX} characters of ${date} are not in R2 yet`);
    waiting.push({ from: first, lines: text });
  }
  const changing = [...day.hours.values()].filter((hour) => hour.live.size > 0);
  return {
    merchant: day.merchant,
    seq: state.seq,
    asOfMs: Date.now(),
    accepted: day.books.accepted,
    segments: waiting,
    hours: changing.map((hour) => snapshot(hour, ...address, EVERYTHING)),
  };
}
