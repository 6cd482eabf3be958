// Days that are not sealed, as rows: folded from the raw events that R2 has and those that the object alone has, in the order of
// the log. What has been folded of a day is remembered, so that the next question folds only what has come since.

import { SCAN_OPEN_EVENTS_KEPT_MAX, SCAN_OPEN_EVENTS_MAX } from "../core/limits.ts";
import type { Event } from "../core/event.ts";
import { sameMerchant } from "../core/merchant.ts";
import { OpenRows } from "../core/open-rows.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { type ChunkFile, listRawDay, readRawDay } from "../archive/raw-day.ts";
import type { OpenUnit } from "./scan-units.ts";

/** Least recently used first. */
const kept = new Map<string, OpenRows>();

/** Fails with the number of events when they are too many to be folded for a question; throws when they cannot be read. */
export async function openRows(bucket: R2Bucket, merchant: string, unit: OpenUnit): Promise<Result<OpenRows, number>> {
  const { day, shard, unsealed } = unit;
  const key = `${merchant}/${day.day.date}/${shard}`;
  const known = kept.get(key);
  const rows =
    known !== undefined && sameMerchant(known.merchant, unsealed.merchant) && known.events <= unsealed.accepted
      ? known
      : new OpenRows(day.day, unsealed.merchant);
  const missing = unsealed.accepted - rows.events;
  if (missing > SCAN_OPEN_EVENTS_MAX) return fail(missing);
  if (missing > 0) await complete(bucket, merchant, unit, rows);
  keep(key, rows);
  return ok(rows);
}

/** Another request may be completing the same rows: each event is added by whoever reads it first. */
async function complete(bucket: R2Bucket, merchant: string, unit: OpenUnit, rows: OpenRows): Promise<void> {
  const { day, shard, unsealed, seq } = unit;
  const { chunks } = await listRawDay(bucket, merchant, day.day.date, shard);
  let before = 0;
  for (const piece of piecesOf(chunks, unsealed, seq)) {
    const events = "lines" in piece ? linesIn(piece.lines).length : piece.events;
    if (before + events > rows.events) {
      let at = before;
      for await (const some of eventsIn(bucket, unit, piece)) {
        rows.add(some.slice(Math.max(0, rows.events - at)));
        at += some.length;
      }
    }
    before += events;
  }
  if (unsealed.closedSeq === null && rows.events < unsealed.accepted)
    throw new Error(`R2 and the object have ${rows.events} events of ${day.day.date}, the books ${unsealed.accepted}`);
}

type Piece = ChunkFile | { lines: string };

/** In the order of the log: what R2 has, and at their places the segments that it may not have. */
function piecesOf(chunks: readonly ChunkFile[], { closedSeq, segments }: OpenUnit["unsealed"], seq: number): Piece[] {
  // Of a closed day R2 has everything; what came after the closing is late.
  if (closedSeq !== null) return chunks.filter(({ to }) => to <= closedSeq);
  const waiting = new Set(segments.map(({ from }) => from));
  // A segment may have come to R2 meanwhile, with more in it than the object had then.
  const rest = chunks.filter(({ from, to }) => to <= seq && !waiting.has(from));
  const all: (Piece & { from: number })[] = [...rest, ...segments];
  return all.sort((a, b) => a.from - b.from);
}

async function* eventsIn(bucket: R2Bucket, { day }: OpenUnit, piece: Piece): AsyncGenerator<Event[]> {
  if ("lines" in piece) yield linesIn(piece.lines).map((line) => JSON.parse(line) as Event);
  else yield* readRawDay(bucket, day.day, null, [piece]);
}

const linesIn = (lines: string): string[] => (lines === "" ? [] : lines.split("\n"));

function keep(key: string, rows: OpenRows): void {
  kept.delete(key);
  kept.set(key, rows);
  let events = 0;
  for (const each of kept.values()) events += each.events;
  for (const [oldest, { events: own }] of kept) {
    if (events <= SCAN_OPEN_EVENTS_KEPT_MAX) break;
    kept.delete(oldest);
    events -= own;
  }
}
