// What opening a shared link gives: a token that says which link and until when, signed, so that one that is none costs no look-up.
// The link itself is looked up with every use: withdrawn, expired, or given another password, it opens nothing any more.

import { fail, ok, type Result } from "../core/result.ts";
import type { Access } from "./access.ts";
import type { Env } from "./env.ts";
import { findLink, type Link, overOf } from "./links-store.ts";
import { isSignatureOf, keyFor, signatureOf } from "./purpose-key.ts";
import { toHex } from "../core/hex.ts";

const PURPOSE = "tokens of shared links, 1";
const OPEN_MS = 12 * 3_600_000;
/** The link, when it is over in seconds since 1970, what its password was, and the signature of these. */
const FORM = /^((l_[0-9a-z]+)\.(\d{1,12})\.([0-9a-f]{16}))\.([\w-]{43})$/;

export const isLinkToken = (token: string): boolean => token.startsWith("l_");

export async function linkToken(env: Env, link: Link, nowMs: number): Promise<{ token: string; expiresAtMs: number }> {
  const expires = Math.floor(Math.min(nowMs + OPEN_MS, link.expiresAtMs ?? Infinity) / 1_000);
  const text = `${link.id}.${expires}.${await versionOf(link)}`;
  return { token: `${text}.${await signatureOf(await keyFor(env, PURPOSE), text)}`, expiresAtMs: expires * 1_000 };
}

/** Throws when it cannot be known now. */
export async function linkAccess(
  env: Env,
  token: string,
  nowMs: number,
): Promise<Result<Access, { reason: string; message: string }>> {
  const [, text = "", id = "", expires = "", version = "", signature = ""] = FORM.exec(token) ?? [];
  if (text === "" || !(await isSignatureOf(await keyFor(env, PURPOSE), text, signature))) return fail(INVALID);
  const link = await findLink(env, id);
  if (link === null) return fail(INVALID);
  const over = overOf(link, nowMs);
  if (over !== null) return fail(over);
  if (Number(expires) * 1_000 <= nowMs || version !== (await versionOf(link))) return fail(AGAIN);
  return ok({ kind: "link", link: link.id, merchant: link.merchant });
}

const INVALID = { reason: "unauthorized", message: "The token is not valid." };
const AGAIN = { reason: "link_to_open", message: "Open the link again." };

async function versionOf({ password_hash: hash }: Link): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(hash ?? ""));
  return toHex(new Uint8Array(digest).slice(0, 8));
}

/** What a link opens: everything else is refused at the door, whatever a route would say. */
const OPENED = [
  /^(?:GET|HEAD|POST) \/api\/v1\/query$/,
  /^(?:GET|HEAD) \/api\/v1\/metrics$/,
  /^POST \/api\/v1\/(?:funnel|properties)$/,
  /^(?:GET|HEAD) \/api\/v1\/merchants\/[^/]+\/(?:goals|annotations)$/,
  /^GET \/live$/,
];

export const opensForLinks = (method: string, path: string): boolean =>
  OPENED.some((form) => form.test(`${method} ${path}`));
