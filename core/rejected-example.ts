// An event that was refused, as the books show it: enough to recognise what one has sent, nothing that says who it was. Of the URL
// host and path alone; parts that look like an address, a number or a secret of somebody's are left out.

import { EVENT_NAME_CHARS_MAX, REJECTED_EXAMPLES_KEEP_MS, REJECTED_EXAMPLES_MAX, URL_CHARS_MAX } from "./limits.ts";
import { addressOf } from "./page.ts";
import type { Rejection } from "./rejection.ts";
import { clean, cut } from "./text.ts";

export interface RejectedExample {
  /** When it came. */
  atMs: number;
  reason: Rejection["reason"];
  /** A JSON pointer into the event. */
  field: string;
  /** Its name; null when it had none. */
  name: string | null;
  /** Host and path of its URL; null when it had none that can be read. */
  page: string | null;
}

const PAGE_CHARS_MAX = 200;
const PART_CHARS_MAX = 40;

/** `raw` is the event as it was sent. */
export function exampleOf(raw: unknown, { reason, path }: Rejection, atMs: number): RejectedExample {
  const { name, url } = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>) : {};
  return {
    atMs,
    reason,
    field: shown(path.replace(/^(?:\/events)?\/\d+(?=\/|$)/, "")),
    name: typeof name === "string" && name !== "" ? shown(cut(name, EVENT_NAME_CHARS_MAX)) : null,
    page: typeof url === "string" ? pageOf(cut(url, URL_CHARS_MAX)) : null,
  };
}

function pageOf(url: string): string | null {
  const address = addressOf(url);
  return address === undefined || address.host === "" ? null : shown(address.host + address.path);
}

/** Part by part: what is left out is a dot of dots. */
const shown = (text: string): string =>
  cut(
    clean(text)
      .split("/")
      .map((part) => (isPrivate(part) ? "…" : part))
      .join("/"),
    PAGE_CHARS_MAX,
  );

/** An e-mail address, the number of a telephone or a customer, a token. */
const isPrivate = (part: string): boolean =>
  part.length > PART_CHARS_MAX ||
  /@|%40/.test(part) ||
  part.replaceAll(/\D/g, "").length >= 7 ||
  /^(?=.*\d)[A-Za-z0-9_-]{16,}$/.test(part);

/** Those that are kept when more come: the newest, and none that are days old. */
export const keptExamples = (
  kept: readonly RejectedExample[],
  more: readonly RejectedExample[],
  nowMs: number,
): RejectedExample[] =>
  [...kept, ...more].filter(({ atMs }) => atMs > nowMs - REJECTED_EXAMPLES_KEEP_MS).slice(-REJECTED_EXAMPLES_MAX);
