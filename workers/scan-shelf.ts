// What scans have found of sealed days, kept: in this isolate's memory, and behind it, a month at a time, in the cache of the
// data centre. The names say which generation of a day it is of, so what a replay changes is found anew by itself. A cache
// that fails is an empty one.

import { waitUntil } from "cloudflare:workers";
import { toHex } from "../core/hex.ts";
import { SCAN_PARTS_BYTES_MAX } from "../core/limits.ts";

/** Least recently used first. */
const isolate = new Map<string, { found: unknown; bytes: number }>();
let isolateBytes = 0;

const CACHE = "scans";
/** A host that cannot be: these addresses are names only. */
const HOST = "https://scans.invalid";
const MONTH_SECONDS = 30 * 86_400;
/** A larger month is not kept: to read it would take longer than it saves. */
const MONTH_CHARS_MAX = 1_500_000;

export function keepFound(key: string, found: unknown, bytes: number): void {
  isolateBytes += bytes - (isolate.get(key)?.bytes ?? 0);
  isolate.delete(key);
  isolate.set(key, { found, bytes });
  for (const [oldest, entry] of isolate) {
    if (isolateBytes <= SCAN_PARTS_BYTES_MAX) break;
    isolate.delete(oldest);
    isolateBytes -= entry.bytes;
  }
}

/** Undefined when it is not there. */
export function keptFound(key: string): unknown {
  const entry = isolate.get(key);
  if (entry === undefined) return undefined;
  isolate.delete(key);
  isolate.set(key, entry);
  return entry.found;
}

/** What was found of the days of a month, by the day's own key. */
export type Month = Record<string, unknown>;

/** `name` names the merchant, what is looked for, and the month. */
export async function keptMonth(name: string): Promise<Month> {
  try {
    const cache = await caches.open(CACHE);
    const response = await cache.match(await urlOf(name));
    return response === undefined ? {} : await response.json();
  } catch (error) {
    console.warn(`scan: the edge cache was not read: ${String(error)}`);
    return {};
  }
}

/** Does not wait for it. */
export function keepMonth(name: string, month: Month): void {
  const text = JSON.stringify(month);
  if (text.length <= MONTH_CHARS_MAX) waitUntil(putMonth(name, text));
}

async function putMonth(name: string, text: string): Promise<void> {
  const headers = { "content-type": "application/json", "cache-control": `public, max-age=${MONTH_SECONDS}` };
  try {
    const cache = await caches.open(CACHE);
    await cache.put(await urlOf(name), new Response(text, { headers }));
  } catch (error) {
    console.warn(`scan: the edge cache was not written: ${String(error)}`);
  }
}

export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(digest)).slice(0, 40);
}

const urlOf = async (name: string): Promise<string> => `${HOST}/${await hashOf(name)}`;
