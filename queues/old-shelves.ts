// What countings that ended without a word have left under outbox/ in R2: hours that they had put away, and bodies of messages that
// nobody came for. The Worker's scheduled handler calls this; everything else there is gone within the hour, so the listing
// is short, and it touches no merchant.

import type { Bindings } from "./bindings.ts";

/** A seal or a replay ends within a quarter of an hour, or its attempt is over. */
const SHELF_KEPT_MS = 86_400_000;
/** A message stays in its queue for up to two weeks. */
const BODY_KEPT_MS = 15 * 86_400_000;
/** Pages of one call; the next one goes on. */
const PAGES_MAX = 100;

/** `outbox/<merchant>/<shard>/seal-…` and `replay-…`; whatever else is there is the body of an hour. */
const SHELF = /^outbox\/[^/]+\/\d+\/(?:seal|replay)-/;

/** Returns how many objects it has removed. */
export async function dropOldShelves(env: Pick<Bindings, "ARCHIVE">, nowMs: number): Promise<number> {
  let removed = 0;
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { objects, ...rest } = await env.ARCHIVE.list({
      prefix: "outbox/",
      ...(cursor === undefined ? {} : { cursor }),
    });
    const old = objects.filter(({ key, uploaded }) => {
      return nowMs - uploaded.getTime() > (SHELF.test(key) ? SHELF_KEPT_MS : BODY_KEPT_MS);
    });
    if (old.length > 0) await env.ARCHIVE.delete(old.map(({ key }) => key));
    removed += old.length;
    if (!rest.truncated) break;
    cursor = rest.cursor;
  }
  return removed;
}
