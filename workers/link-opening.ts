// POST /api/v1/links/:id/open: opens a shared link, with its password if it has one, and gives a token for its merchant's reports. For
// anybody, so it stands before the guard. The token is sent as any bearer token is, and no cookie is set: a page in a frame of
// another site would have none. Guessing a password is slowed down as guessing at the sign-in is.

import { Hono, type Context } from "hono";
import { z } from "zod";
import { PASSWORD_CHARS_MAX } from "../core/limits.ts";
import { zoneAt } from "../core/zone.ts";
import { verifyPassword } from "../migrations/password-hash.ts";
import { readBody, refuse, unavailable } from "./accounts-body.ts";
import { type Attempt, forgive, networkOf, tried } from "./attempts.ts";
import type { Env } from "./env.ts";
import { linkToken } from "./link-token.ts";
import { findLink, type Link, noteOpened, overOf } from "./links-store.ts";
import type { FindMerchant } from "./merchants.ts";
import { isOwnOrigin } from "./origin.ts";

type Bound = { Bindings: Env };

const TEN_MINUTES = 600;

export interface OpenedLink {
  /** `Authorization: Bearer …`; for the live socket the second of its protocols. */
  token: string;
  expires_at: string;
  /** The organisation's name, or the merchant's. */
  shared_by: string;
  public: boolean;
  merchant: { id: string; name: string; zone: string; currency: string; shards: number };
}

const entered = z.strictObject({ password: z.string().min(1).max(PASSWORD_CHARS_MAX).optional() });

export const linkOpeningRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/:id/open", async (c) => {
    c.header("cache-control", "private, no-store");
    try {
      return await open(c, find);
    } catch (error) {
      console.warn(`links: not opened: ${String(error)}`);
      return unavailable(c);
    }
  });
  return app;
};

async function open(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  if (c.req.header("origin") !== undefined && !isOwnOrigin(c))
    return refuse(c, 403, "foreign_origin", "Open it from the site's own pages.");
  const body = await readBody(c, entered);
  if (!body.ok) return body.failure;
  const link = await findLink(c.env, c.req.param("id") ?? "");
  if (link === null) return refuse(c, 404, "unknown_link", "There is no such link, or not any more.");
  const over = overOf(link, Date.now());
  if (over !== null) return refuse(c, 401, over.reason, over.message);
  const refusal = await refusedPassword(c, link, body.value.password);
  if (refusal !== null) return refusal;
  const merchant = await find(c.env, link.merchant);
  if (merchant === null) return refuse(c, 404, "unknown_link", "There is no such link, or not any more.");
  noteOpened(c.env, link.id);
  const { token, expiresAtMs } = await linkToken(c.env, link, Date.now());
  const { id, name, zone, currency, shards } = merchant;
  return c.json<OpenedLink>({
    token,
    expires_at: new Date(expiresAtMs).toISOString(),
    shared_by: link.owner,
    public: link.public,
    merchant: { id, name, zone: zoneAt(zone, Date.now()), currency, shards },
  });
}

/** Null when it is right, or none is needed. */
async function refusedPassword(c: Context<Bound>, link: Link, password: string | undefined): Promise<Response | null> {
  if (link.password_hash === null) return null;
  if (password === undefined) return refuse(c, 401, "password_needed", "This link asks for a password.", "#/password");
  const attempts = attemptsAt(link, networkOf(c.req.header("cf-connecting-ip") ?? ""));
  const wait = await tried(c.env, attempts);
  if (wait !== null) {
    c.header("retry-after", String(wait));
    return refuse(c, 429, "too_many_attempts", "This was tried too often. Wait as long as Retry-After says.");
  }
  if (!(await verifyPassword({ hash: link.password_hash, password })))
    return refuse(c, 401, "wrong_password", "This password is not right.", "#/password");
  await forgive(c.env, attempts[0]);
  return null;
}

/** The first is the one that being right forgives. Whoever guesses from many networks is stopped by the last. */
const attemptsAt = ({ id }: Link, network: string): [Attempt, ...Attempt[]] => [
  { what: "link and network", who: `${id} ${network}`, max: 10, windowSeconds: TEN_MINUTES },
  { what: "links network", who: network, max: 100, windowSeconds: TEN_MINUTES },
  { what: "link", who: id, max: 300, windowSeconds: TEN_MINUTES },
];
