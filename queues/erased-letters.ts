// Dead letters may hold events of visitors who have asked to be erased: of events that waited for their object those are taken out, so
// that the others can still be sent again; of chunks the object has what they hold, until R2 has, and sends it again by itself.

import { jsonOf, LETTERS_PREFIX, merchantOf, messageOf, readLetter, type StoredLetter } from "../core/dead-letter.ts";
import { Eraser, type Erasure } from "../core/erasure.ts";
import type { Event } from "../core/event.ts";
import { gunzip } from "../archive/gunzip.ts";
import type { Sql } from "../migrations/database.ts";
import { decodeOverflow } from "./decode.ts";
import { chunkMessage } from "./shapes.ts";

/** What was in a queue when they asked has ended there by then. */
const ASKED_DAYS = 16;

/** Returns how many letters it has changed or removed. */
export async function eraseLetters(bucket: R2Bucket, sql: Sql, nowMs: number): Promise<number> {
  const rows = await sql`
    SELECT run::float8, merchant, visitor, (extract(epoch FROM asked_at) * 1000)::float8 AS "untilMs" FROM erasures
    WHERE asked_at > to_timestamp(${nowMs - ASKED_DAYS * 86_400_000}::float8 / 1000)`;
  if (rows.length === 0) return 0;
  const byMerchant = Map.groupBy(rows as (Erasure & { merchant: string })[], ({ merchant }) => merchant);
  let changed = 0;
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ prefix: LETTERS_PREFIX, ...(cursor === undefined ? {} : { cursor }) });
    for (const { key } of page.objects) {
      const object = await bucket.get(key);
      const letter = object === null ? null : readLetter(await object.text());
      if (letter?.ok !== true) continue;
      const erasures = byMerchant.get(merchantOf(letter.value.message) ?? "");
      if (erasures !== undefined && (await eraseIn(bucket, key, letter.value, new Eraser(erasures)))) changed++;
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return changed;
}

/** False when it holds nothing of them. */
async function eraseIn(bucket: R2Bucket, key: string, letter: StoredLetter, eraser: Eraser): Promise<boolean> {
  const message = messageOf(letter.message);
  const overflow = decodeOverflow(message);
  if (!overflow.ok) {
    const isTheirs = (await linesOf(message)).some((line) => isOf(line, eraser));
    if (isTheirs) await bucket.delete(key);
    return isTheirs;
  }
  const { batch } = overflow.value;
  const lines = batch.lines.filter((line) => !isOf(line, eraser));
  if (lines.length === batch.lines.length) return false;
  const { httpMetadata = {}, customMetadata = {} } = (await bucket.head(key)) ?? {};
  const kept = { ...letter, message: jsonOf({ ...overflow.value, batch: { ...batch, lines } }) };
  await bucket.put(key, JSON.stringify(kept), { httpMetadata, customMetadata });
  return true;
}

/** Of a chunk; of any other message none. */
async function linesOf(message: unknown): Promise<string[]> {
  const chunk = chunkMessage.safeParse(message);
  if (!chunk.success) return [];
  const text = await gunzip(chunk.data.body);
  return text.ok ? new TextDecoder().decode(text.value).split("\n") : [];
}

function isOf(line: string, eraser: Eraser): boolean {
  try {
    const { visitor, received_at: receivedAtMs } = JSON.parse(line) as Event;
    return eraser.takes(visitor, receivedAtMs);
  } catch {
    return false;
  }
}
