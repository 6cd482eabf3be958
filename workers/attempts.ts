// How often something was tried from a network or for an address of mail, so that guessing ends. Counted in Postgres, for
// all isolates together, under keyed hashes: who it was cannot be read there. An address that nobody has is counted like
// any other, so a refusal tells nothing.

import ipaddr from "ipaddr.js";
import { toHex } from "../core/hex.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export interface Attempt {
  /** What is tried, with whom it is counted for: "sign-in address". */
  what: string;
  who: string;
  max: number;
  windowSeconds: number;
}

const NETWORK_V6_BYTES = 8;

/** Counts them all; the seconds to wait when one of them was tried too often, else null. */
export async function tried(env: Env, attempts: readonly Attempt[]): Promise<number | null> {
  const keyed = await Promise.all(attempts.map(async (attempt) => ({ ...attempt, key: await keyOf(env, attempt) })));
  // In one order everywhere: two that count the same rows would wait for each other.
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const rows = await database(env)`
    INSERT INTO attempts AS a (key, count, until)
    SELECT key, 1, now() + seconds * interval '1 second'
    FROM unnest(${keyed.map(({ key }) => key)}::text[], ${keyed.map(({ windowSeconds }) => windowSeconds)}::int[]) AS t(key, seconds)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN a.until <= now() THEN 1 ELSE a.count + 1 END,
      until = CASE WHEN a.until <= now() THEN excluded.until ELSE a.until END
    RETURNING key, count, ceil(extract(epoch FROM until - now()))::int AS seconds`;
  const waits = rows
    .filter(({ key, count }) => (count as number) > keyed.find((attempt) => attempt.key === key)!.max)
    .map(({ seconds }) => seconds as number);
  return waits.length === 0 ? null : Math.max(1, ...waits);
}

/** It was right after all: counting begins anew. */
export async function forgive(env: Env, attempt: Attempt): Promise<void> {
  await database(env)`DELETE FROM attempts WHERE key = ${await keyOf(env, attempt)}`;
}

/** The part of an address that one household has: all of an IPv4 address, half of an IPv6 one. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return "unknown";
  const address = ipaddr.process(ip);
  return address.kind() === "ipv4" ? address.toString() : String(address.toByteArray().slice(0, NETWORK_V6_BYTES));
}

async function keyOf(env: Env, { what, who }: Attempt): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(env.AUTH_SECRET), algorithm, false, ["sign"]);
  return toHex(new Uint8Array(await crypto.subtle.sign(algorithm, key, encoder.encode(`attempt\0${what}\0${who}`))));
}
