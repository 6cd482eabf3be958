// Who may use the API: says who asks (access.ts), and refuses whoever is nobody. The operator token from the environment opens
// everything, as a bearer token, or in a cookie that signing in sets for browsers; that cookie holds a digest, so that it is not
// the token, and a changed token ends all such sessions. People come with the session that /api/auth gave them. Whatever a cookie
// opens must come from our own origin, since browsers send it along from any page. Other bearer tokens are those of
// known-tokens.ts, each of which may ask so many times a minute, and those that opening a shared link gives (link-token.ts).

import { Hono, type Context, type MiddlewareHandler, type Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { toHex } from "../core/hex.ts";
import { RequestRate } from "../core/request-rate.ts";
import { type Access, type Guarded, permits } from "./access.ts";
import { refuse, unavailable } from "./accounts-body.ts";
import { networkOf } from "./attempts.ts";
import { signedIn } from "./auth-session.ts";
import type { Env } from "./env.ts";
import { findToken, type Token } from "./known-tokens.ts";
import { isLinkToken, linkAccess, opensForLinks } from "./link-token.ts";
import { SOCKET_PROTOCOL } from "./live.ts";
import { findConfig } from "./merchants.ts";
import { isOwnOrigin } from "./origin.ts";
import { takeOfToken, tellQuota } from "./rate-limits.ts";
import { sameSecret } from "./secret.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const COOKIE = "countinghouse_operator";
const SESSION_SECONDS = 30 * 86_400;
const SESSION_BODY_BYTES_MAX = 4_096;
/** Shown for the operator's from one network, counted by each isolate, so that signing in works while Postgres is away. */
const wrongTokens = new RequestRate(30, 600_000);

/** Sets `access`; refuses with 401 who is nobody, with 403 a cookie from a foreign origin. */
export const guard: MiddlewareHandler<Bound> = async (c, next) => {
  if (!isConfigured(c.env)) return refuse(c, 503, "not_configured", NOT_CONFIGURED);
  const bearer = bearerOf(c);
  if (bearer !== undefined && isLinkToken(bearer)) return throughLink(c, bearer, next);
  if (bearer !== undefined) return guardBearer(c, next, bearer);
  let access: Access | null;
  try {
    access = await cookieAccess(c);
  } catch (error) {
    console.warn(`guard: session not looked up: ${String(error)}`);
    return unavailable(c);
  }
  if (access === null) return refuse(c, 401, "unauthorized", SIGN_IN);
  if (!isOwnOrigin(c)) return refuse(c, 403, "foreign_origin", "A session may be used from the site's own pages only.");
  c.set("access", access);
  return next();
};

/** The operator; and with an ops token what concerns one merchant alone: /api/ops/merchants/:id/…. */
export const operatorOnly: MiddlewareHandler<Bound> = async (c, next) => {
  const access = c.get("access");
  if (access.kind === "operator") return next();
  if (access.kind !== "token" || access.scope !== "ops")
    return refuse(c, 403, "operator_only", "Only the operator may do this.");
  const merchant = /^\/api\/ops\/merchants\/([^/]+)\/./.exec(c.req.path)?.[1];
  if (merchant === undefined) return refuse(c, 403, "operator_only", "A token does not reach as far as this.");
  if (await permits(access, merchant, "operate")) return next();
  return refuse(c, 404, "unknown_merchant", "There is no such merchant.");
};

/** For what people set up: whoever holds a token holds no more than it says. */
export const noTokens: MiddlewareHandler<Bound> = async (c, next) =>
  c.get("access").kind === "token"
    ? refuse(c, 403, "no_tokens", "A token does not open this: sign in, or use the operator token.")
    : next();

/** A browser's socket can send no header but the protocols it speaks: ours, and then the token. */
function bearerOf(c: Context<Bound>): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (bearer !== undefined || c.req.header("upgrade")?.toLowerCase() !== "websocket") return bearer;
  const [protocol, token] = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim());
  return protocol === SOCKET_PROTOCOL ? token : undefined;
}

async function throughLink(c: Context<Bound>, token: string, next: Next): Promise<Response | void> {
  let access: Awaited<ReturnType<typeof linkAccess>>;
  try {
    access = await linkAccess(c.env, token, Date.now());
  } catch (error) {
    console.warn(`guard: link not looked up: ${String(error)}`);
    return unavailable(c);
  }
  if (!access.ok) return refuse(c, 401, access.failure.reason, access.failure.message);
  if (!opensForLinks(c.req.method, c.req.path))
    return refuse(c, 403, "shared_link", "A shared link shows reports, and nothing else.");
  c.set("access", access.value);
  return next();
}

async function guardBearer(c: Context<Bound>, next: Next, text: string): Promise<Response | void> {
  if (await sameSecret(text, c.env.OPERATOR_TOKEN)) {
    c.set("access", { kind: "operator" });
    return next();
  }
  let token: Token | null;
  try {
    token = await findToken(c.env, text);
  } catch (error) {
    console.warn(`guard: token not looked up: ${String(error)}`);
    return unavailable(c);
  }
  if (token === null) return refuse(c, 401, "unauthorized", "The token is not valid, or not any more.");
  if (token.scope === "ingest") return refuse(c, 403, "wrong_scope", "This token is for sending events only.");
  const quota = takeOfToken(c.env, token.id);
  if (!quota.allowed) {
    tellQuota(c, quota);
    c.header("retry-after", String(quota.seconds));
    return refuse(c, 429, "too_many_requests", `A token may ask ${quota.policy.requests} times a minute. Wait.`);
  }
  c.set("access", { kind: "token", ...token, organisationOf: organisationOf(c.env) });
  await next();
  // A socket's answer is the platform's own.
  if (c.res.status !== 101) tellQuota(c, quota);
}

const organisationOf =
  (env: Env) =>
  async (merchant: string): Promise<string | null> =>
    (await findConfig(env, merchant))?.organisation ?? null;

/** Asking questions changes nothing, whatever the method. */
const isReading = (c: Context<Bound>): boolean =>
  c.req.method === "GET" || c.req.method === "HEAD" || READING_POSTS.has(c.req.path);

const READING_POSTS = new Set(["/api/v1/query", "/api/graphql"]);

async function cookieAccess(c: Context<Bound>): Promise<Access | null> {
  const cookie = getCookie(c, COOKIE);
  if (cookie !== undefined && (await sameSecret(cookie, await sessionOf(c.env.OPERATOR_TOKEN))))
    return { kind: "operator" };
  const person = await signedIn(c, c.env, !isReading(c));
  if (person === null) return null;
  return { kind: "person", ...person, organisationOf: organisationOf(c.env) };
}

/** At /api/v1/session: POST { token } signs in, GET says whether one is, DELETE signs out. */
export const sessionRoutes = (): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/", bodyLimit({ maxSize: SESSION_BODY_BYTES_MAX, onError: tooLarge }), async (c) => {
    if (!isConfigured(c.env)) return refuse(c, 503, "not_configured", NOT_CONFIGURED);
    if (c.req.header("origin") !== undefined && !isOwnOrigin(c))
      return refuse(c, 403, "foreign_origin", "Sign in from the site's own pages.");
    const token = tokenIn(await c.req.text());
    if (token === null) return refuse(c, 400, "malformed", 'Send { "token": "…" }.', "#/token");
    // Only wrong ones count: whoever has the token may sign in as often as they like, but not from where it is being guessed.
    const network = networkOf(c.req.header("cf-connecting-ip") ?? "");
    const waitSeconds = wrongTokens.wait(network, Date.now());
    if (waitSeconds > 0) {
      c.header("retry-after", String(waitSeconds));
      return refuse(c, 429, "too_many_attempts", "This was tried too often. Wait as long as Retry-After says.");
    }
    if (!(await sameSecret(token, c.env.OPERATOR_TOKEN))) {
      wrongTokens.take(network, Date.now());
      return refuse(c, 401, "unauthorized", "The token is not valid.", "#/token");
    }
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
const SIGN_IN =
  'Send a token as "Authorization: Bearer …", or sign in with POST /api/auth/sign-in/email or /api/v1/session.';
const NO_STORE = { "cache-control": "private, no-store" };

const isConfigured = (env: Env): boolean => typeof env.OPERATOR_TOKEN === "string" && env.OPERATOR_TOKEN !== "";

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

const isHttps = (c: Context<Bound>): boolean => new URL(c.req.url).protocol === "https:";

async function sessionOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`session of ${token}`));
  return toHex(new Uint8Array(digest));
}
