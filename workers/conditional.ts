// HTTP's words about what is kept: what a client demands of us, and what it may keep itself. An answer belongs to who asked,
// so nobody between us may keep it; and one about the present is never shown past the minute in which it was right, since a
// day or an hour may end with it.

import type { Demand, ShownAnswer } from "./answer-cache.ts";

const MINUTE_MS = 60_000;

/** Of a request's Cache-Control. A browser's "reload" says max-age=0, and no-cache when it is meant to. */
export function demandOf(cacheControl: string | undefined): Demand {
  const wanted = (cacheControl ?? "").toLowerCase().split(",");
  const says = (directive: string) => wanted.some((each) => each.trim() === directive);
  if (says("no-cache") || says("no-store")) return "computed";
  return says("max-age=0") ? "checked" : "kept";
}

/** `body`: the query as it was sent. */
export function cacheControlOf(answer: ShownAnswer, body: unknown, nowMs: number): string {
  const { freshForMs, staleForMs, lasting } = answer;
  const isOver = lasting && hasFixedRange(body);
  const untilMinuteMs = MINUTE_MS - (nowMs % MINUTE_MS);
  const maxAge = Math.floor((isOver ? freshForMs : Math.min(freshForMs, untilMinuteMs)) / 1_000);
  return `private, max-age=${maxAge}${isOver ? `, stale-while-revalidate=${staleForMs / 1_000}` : ""}`;
}

/** `ifNoneMatch`: a list of tags, or a star. */
export function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}

const hasFixedRange = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "date_range" in body && Array.isArray(body.date_range);
