// Who may use the API. Until there are accounts, one operator token from the environment opens it: as a bearer token,
// or in a cookie that signing in sets for browsers. The cookie holds a digest, so that it is not the token; a changed token
// ends all sessions. Whatever a cookie opens must come from our own origin, since browsers send it along from any page.

import { Hono, type Context, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { toHex } from "../core/hex.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import { sameSecret } from "./secret.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const COOKIE = "countinghouse_operator";
const SESSION_SECONDS = 30 * 86_400;
const SESSION_BODY_BYTES_MAX = 4_096;

/** Lets requests with the operator token or a session pass; refuses others with 401, or 403 from a foreign origin. */
export const guard: MiddlewareHandler<Bound> = async (c, next) => {
  if (!isConfigured(c.env)) return refuse(c, 503, "not_configured", NOT_CONFIGURED);
  const bearer = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    if (await sameSecret(bearer, c.env.OPERATOR_TOKEN)) {
      c.set("access", { kind: "operator" });
      return next();
    }
    return refuse(c, 401, "unauthorized", "The token is not valid.");
  }
  const cookie = getCookie(c, COOKIE);
  if (cookie === undefined || !(await sameSecret(cookie, await sessionOf(c.env.OPERATOR_TOKEN))))
    return refuse(
      c,
      401,
      "unauthorized",
      'Send a token as "Authorization: Bearer …", or sign in with POST /api/v1/session.',
    );
  if (!isOwnOrigin(c)) return refuse(c, 403, "foreign_origin", "A session may be used from the site's own pages only.");
  c.set("access", { kind: "operator" });
  return next();
};

/** At /api/v1/session: POST { token } signs in, GET says whether one is, DELETE signs out. */
export const sessionRoutes = (): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/", bodyLimit({ maxSize: SESSION_BODY_BYTES_MAX, onError: tooLarge }), async (c) => {
    if (!isConfigured(c.env)) return refuse(c, 503, "not_configured", NOT_CONFIGURED);
    if (c.req.header("origin") !== undefined && !isOwnOrigin(c))
      return refuse(c, 403, "foreign_origin", "Sign in from the site's own pages.");
    const token = tokenIn(await c.req.text());
    if (token === null) return refuse(c, 400, "malformed", 'Send { "token": "…" }.', "#/token");
    if (!(await sameSecret(token, c.env.OPERATOR_TOKEN)))
      return refuse(c, 401, "unauthorized", "The token is not valid.", "#/token");
    setCookie(c, COOKIE, await sessionOf(c.env.OPERATOR_TOKEN), {
      httpOnly: true,
      sameSite: "Strict",
      secure: isHttps(c),
      path: "/",
      maxAge: SESSION_SECONDS,
    });
    return c.body(null, 204, NO_STORE);
  });
  app.get("/", guard, (c) => c.body(null, 204, NO_STORE));
  app.delete("/", (c) => {
    deleteCookie(c, COOKIE, { path: "/", secure: isHttps(c) });
    return c.body(null, 204, NO_STORE);
  });
  return app;
};

const NOT_CONFIGURED = "OPERATOR_TOKEN is not set on this server.";
const NO_STORE = { "cache-control": "private, no-store" };

const isConfigured = (env: Env): boolean => typeof env.OPERATOR_TOKEN === "string" && env.OPERATOR_TOKEN !== "";

function refuse(
  c: Context<Bound>,
  status: 400 | 401 | 403 | 413 | 503,
  reason: string,
  message: string,
  pointer = "#",
) {
  if (status === 401) c.header("www-authenticate", 'Bearer realm="countinghouse"');
  return c.json({ error: { pointer, message, reason } }, status, NO_STORE);
}

const tooLarge = (c: Context<Bound>) =>
  refuse(c, 413, "too_large", `A session takes ${SESSION_BODY_BYTES_MAX} bytes at most.`);

function tokenIn(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text);
    const token = typeof body === "object" && body !== null && "token" in body ? body.token : null;
    return typeof token === "string" && token !== "" ? token : null;
  } catch {
    return null;
  }
}

/** Reading by GET changes nothing and its answer is closed to other origins; everything else and sockets must be ours. */
function isOwnOrigin(c: Context<Bound>): boolean {
  const isSocket = c.req.header("upgrade")?.toLowerCase() === "websocket";
  if (!isSocket && (c.req.method === "GET" || c.req.method === "HEAD")) return true;
  return c.req.header("origin") === new URL(c.req.url).origin;
}

const isHttps = (c: Context<Bound>): boolean => new URL(c.req.url).protocol === "https:";

async function sessionOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`session of ${token}`));
  return toHex(new Uint8Array(digest));
}
