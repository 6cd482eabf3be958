// Keys that are made from the server's secret, one for each purpose, so that what is signed for one is of no use for another.

import type { Env } from "./env.ts";
import { secretOf } from "./secrets.ts";

const encoder = new TextEncoder();

let latest: { secret: string; keys: Map<string, Promise<CryptoKey>> } | null = null;

/** For HMAC. Throws when the server has no secret. `purpose` is one of few. */
export function keyFor(env: Env, purpose: string): Promise<CryptoKey> {
  const secret = secretOf(env, "AUTH_SECRET");
  if (latest?.secret !== secret) latest = { secret, keys: new Map() };
  let key = latest.keys.get(purpose);
  if (key === undefined) latest.keys.set(purpose, (key = derived(secret, purpose)));
  return key;
}

async function derived(secret: string, purpose: string): Promise<CryptoKey> {
  const from = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  return crypto.subtle.deriveKey(how, from, hmac, false, ["sign", "verify"]);
}

/** Of 32 bytes, 43 letters that may stand in addresses and headers. */
export async function signatureOf(key: CryptoKey, message: string): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(message));
  const text = btoa(String.fromCharCode(...new Uint8Array(signature)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** In a time that says nothing about how wrong it is. */
export async function isSignatureOf(key: CryptoKey, message: string, signature: string): Promise<boolean> {
  if (!/^[\w-]{43}$/.test(signature)) return false;
  const bytes = Uint8Array.from(atob(signature.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
    letter.charCodeAt(0),
  );
  return crypto.subtle.verify("HMAC", key, bytes, encoder.encode(message));
}
