// Who the visitor is: 64 bits that say nothing. Without a supplied id a keyed hash of (IP, user agent, merchant) under
// the random salt of the merchant-local date, so a person is a new visitor each day and nobody can find out who it was
// once the salt is deleted. With a supplied id a hash of merchant and that id, keyed by the server's secret, so that who
// knows an id (an address of mail, say) and sees what is stored cannot tell that it is theirs; the same on every day.
// The address lives only as an argument here.

import type { SaltKeeperApi } from "../core/messages.ts";
import type { Env } from "./env.ts";
import { secretOf } from "./secrets.ts";

const DATES_MAX = 64;

interface CachedKey {
  key: CryptoKey;
  expiresAtMs: number;
}

type VisitorEnv = Pick<Env, "VISITOR_SECRET">;

let lasting: { secret: string; key: Promise<CryptoKey> } | null = null;

const keys = new Map<string, Promise<CachedKey>>();

/** 16 hexadecimal digits. `date` is merchant-local. */
export async function dailyVisitor(
  env: Env,
  date: string,
  merchant: string,
  ip: string,
  userAgent: string,
): Promise<string> {
  const { key } = await keyOf(env, date);
  return hex64(await crypto.subtle.sign("HMAC", key, encode(`${ip}\0${userAgent}\0${merchant}`)));
}

/** 16 hexadecimal digits, the same on every day. */
export async function identifiedVisitor(env: VisitorEnv, merchant: string, user: string): Promise<string> {
  return hex64(await crypto.subtle.sign("HMAC", await lastingKey(env), encode(`visitor\0${merchant}\0${user}`)));
}

function lastingKey(env: VisitorEnv): Promise<CryptoKey> {
  const secret = secretOf(env, "VISITOR_SECRET");
  if (lasting?.secret !== secret) lasting = { secret, key: importKey(encode(secret)) };
  return lasting.key;
}

async function keyOf(env: Env, date: string): Promise<CachedKey> {
  const cached = keys.get(date);
  if (cached !== undefined) {
    const kept = await cached;
    if (kept.expiresAtMs > Date.now()) return kept;
  }
  if (keys.size >= DATES_MAX) keys.clear();
  const asked = askKeeper(env, date);
  keys.set(date, asked);
  asked.catch(() => keys.delete(date));
  return asked;
}

async function askKeeper(env: Env, date: string): Promise<CachedKey> {
  const keeper = env.SALT_KEEPER.getByName(date) as unknown as SaltKeeperApi;
  const { bytes, expiresAtMs } = await keeper.salt(date);
  return { key: await importKey(bytes), expiresAtMs };
}

const importKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

const encoder = new TextEncoder();
const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;

function hex64(digest: ArrayBuffer): string {
  const view = new DataView(digest);
  return view.getUint32(0).toString(16).padStart(8, "0") + view.getUint32(4).toString(16).padStart(8, "0");
}
