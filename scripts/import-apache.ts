// One line of a web server's log in the combined format → the pageview that it was, or why it was none. A pageview is a
// page that somebody was given: GET, answered 200 or 304, and a path whose last segment has no extension or that of a
// page. Everything else (pictures, scripts, feeds as .xml, redirects, errors) is no pageview. Bots are sent along: telling
// them apart is the counting's business, and their share can then be seen.

import { hash } from "node:crypto";
import { addTo } from "../core/books.ts";
import type { WireEvent } from "./send.ts";

export const PAGE_EXTENSIONS = ["html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp"] as const;

/** Why a line is no pageview. */
export type NoPageview = "malformed" | "method" | "status" | "not_a_page";

export type ApacheLine = { event: WireEvent } | { skipped: NoPageview };

// host identity user [time] "request" status bytes "referrer" "user agent"; a quote in a field is written \".
const LINE =
  /^(\S+) \S+ .*?\[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"\s*$/;
const REQUEST = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/;

/**
 * `origin` is the site, as "http://shop.example". `number` counts lines from 1: it makes equal lines two events, and
 * the same file read twice the same events.
 */
export function readApacheLine(line: string, number: number, origin: string): ApacheLine {
  const fields = LINE.exec(line);
  if (fields === null) return { skipped: "malformed" };
  const [, address = "", time = "", request = "", status = "", referrer = "", userAgent = ""] = fields;
  const asked = REQUEST.exec(request);
  const occurredAtMs = instantOf(time);
  if (asked === null || occurredAtMs === null) return { skipped: "malformed" };
  const [, method, target = ""] = asked;
  if (method !== "GET") return { skipped: "method" };
  if (status !== "200" && status !== "304") return { skipped: "status" };
  if (!isPage(target)) return { skipped: "not_a_page" };
  const event: WireEvent = {
    id: hash("sha256", `${number} ${line}`, "base64url").slice(0, 22),
    name: "pageview",
    occurred_at: occurredAtMs,
    url: origin + unescaped(target),
    visitor: { ip: address },
  };
  if (isGiven(referrer)) event.referrer = unescaped(referrer);
  if (isGiven(userAgent)) event.visitor = { ip: address, user_agent: unescaped(userAgent) };
  return { event };
}

const isGiven = (field: string): boolean => field !== "-" && field !== "";

function isPage(target: string): boolean {
  if (!target.startsWith("/")) return false;
  const path = target.replace(/[?#].*$/, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 || EXTENSIONS.has(name.slice(dot + 1).toLowerCase());
}

const EXTENSIONS: ReadonlySet<string> = new Set(PAGE_EXTENSIONS);

/** Apache writes quotes and backslashes as \" and \\, and bytes beyond ASCII as \xc3. */
function unescaped(field: string): string {
  if (!field.includes("\\")) return field;
  const bytes = field.replace(/\\(x([0-9a-f]{2})|.)/gi, (_, escape: string, hex: string | undefined) =>
    hex === undefined ? escape : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const TIME = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/** "17/May/2015:10:05:03 +0000" in milliseconds since 1970; null when it is nothing of the kind. */
function instantOf(time: string): number | null {
  const fields = TIME.exec(time);
  if (fields === null) return null;
  const [, day, month = "", year, hour, minute, second, sign, offsetHours, offsetMinutes] = fields;
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex < 0) return null;
  const localMs = Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return sign === "+" ? localMs - offsetMs : localMs + offsetMs;
}

export interface LogTally {
  lines: number;
  pageviews: number;
  /** By `NoPageview`. */
  skipped: Record<string, number>;
}

/** The pageviews of a log, in its order; `tally` is kept up to date on the way. */
export async function* pageviewsOf(
  pieces: AsyncIterable<readonly string[]>,
  origin: string,
  tally: LogTally,
): AsyncGenerator<WireEvent[], undefined> {
  for await (const lines of pieces) {
    const events: WireEvent[] = [];
    for (const line of lines) {
      const read = readApacheLine(line, ++tally.lines, origin);
      if ("event" in read) events.push(read.event);
      else addTo(tally.skipped, read.skipped);
    }
    tally.pageviews += events.length;
    yield events;
  }
  return undefined;
}
