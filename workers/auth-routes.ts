// /api/auth: signing up, in and out, and changing how one does. better-auth does the work (auth.ts, loaded on the first
// request); here stands what comes before and after it: our origin only, sizes and keys, how often one may try, and answers in
// the API's shape. No address to send somebody to is taken from a client, so no redirect is open. Answers that would tell
// whether an address is known are the same for both and come no sooner than a fixed time.

import { Hono, type Context } from "hono";
import { getCookie } from "hono/cookie";
import { z } from "zod";
import { EMAIL_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PERSON_NAME_CHARS_MAX } from "../core/limits.ts";
import { type Attempt, forgive, networkOf, tried } from "./attempts.ts";
import { readBody, refuse, type Status, unavailable } from "./accounts-body.ts";
import { forget, sessionCookie } from "./auth-session.ts";
import type { Env } from "./env.ts";
import { isOwnOrigin } from "./origin.ts";
import { hasSecret, SECRETS } from "./secrets.ts";

type Bound = { Bindings: Env };

/** Longer than any of these takes, mostly, so that the time says nothing. */
const ANSWER_MS_MIN = 400;
const TEN_MINUTES = 600;
const HOUR = 3_600;

/** An address of mail, as it is kept. */
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(EMAIL_CHARS_MAX)
  .pipe(z.email("This is not an address of mail"));
const personName = z.string().trim().min(1).max(PERSON_NAME_CHARS_MAX);
const newPassword = z.string().min(PASSWORD_CHARS_MIN).max(PASSWORD_CHARS_MAX);
const password = z.string().min(1).max(PASSWORD_CHARS_MAX);
const code = z.string().trim().min(1).max(32);

/** What is counted against guessing, beside the network: the address in the body, or the session. */
export type Guess = "sign-in" | "mail" | "code" | "session";

export interface AuthRoute {
  schema: z.ZodObject;
  guess: Guess;
  /** Whether the time an answer takes could tell something. */
  even?: true;
  /** What better-auth is sent instead of what came. */
  sent?: (body: Record<string, unknown>) => object;
  /** What we answer; nothing unless said. */
  answer?: (said: Said) => object;
}

export interface Said {
  user?: { id: string; name: string; email: string };
  twoFactorRedirect?: boolean;
  totpURI?: string;
  backupCodes?: string[];
}

const personIn = ({ user, twoFactorRedirect }: Said): object =>
  twoFactorRedirect === true
    ? { two_factor: true }
    : { person: { id: user?.id, name: user?.name, email: user?.email } };

export const POSTS: Record<string, AuthRoute> = {
  "/sign-up/email": {
    schema: z.strictObject({ name: personName, email, password: newPassword }),
    guess: "mail",
    even: true,
  },
  "/sign-in/email": { schema: z.strictObject({ email, password }), guess: "sign-in", even: true, answer: personIn },
  "/sign-out": { schema: z.strictObject({}), guess: "session" },
  "/send-verification-email": { schema: z.strictObject({ email }), guess: "mail", even: true },
  "/request-password-reset": { schema: z.strictObject({ email }), guess: "mail", even: true },
  "/reset-password": {
    schema: z.strictObject({ token: z.string().min(1).max(200), password: newPassword }),
    guess: "code",
    sent: (body) => ({ token: body["token"], newPassword: body["password"] }),
  },
  "/change-email": {
    schema: z.strictObject({ email }),
    guess: "mail",
    even: true,
    sent: (body) => ({ newEmail: body["email"] }),
  },
  "/change-password": {
    schema: z.strictObject({ password, new_password: newPassword }),
    guess: "session",
    sent: (body) => ({
      currentPassword: body["password"],
      newPassword: body["new_password"],
      revokeOtherSessions: true,
    }),
  },
  "/update-user": { schema: z.strictObject({ name: personName }), guess: "session" },
  "/two-factor/enable": {
    schema: z.strictObject({ password }),
    guess: "session",
    answer: ({ totpURI, backupCodes }) => ({ totp_uri: totpURI, backup_codes: backupCodes }),
  },
  "/two-factor/disable": { schema: z.strictObject({ password }), guess: "session" },
  "/two-factor/generate-backup-codes": {
    schema: z.strictObject({ password }),
    guess: "session",
    answer: ({ backupCodes }) => ({ backup_codes: backupCodes }),
  },
  "/two-factor/verify-totp": { schema: z.strictObject({ code }), guess: "code", answer: personIn },
  "/two-factor/verify-backup-code": { schema: z.strictObject({ code }), guess: "code", answer: personIn },
};

/** To be mounted at /api/auth, before the guard. */
export const authRoutes = (): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.use(async (c, next) => {
    if (!hasSecret(c.env, "AUTH_SECRET")) return refuse(c, 503, "not_configured", NOT_CONFIGURED);
    await next();
    c.header("cache-control", "private, no-store");
  });
  for (const [path, route] of Object.entries(POSTS)) app.post(path, (c) => post(c, path, route));
  app.get("/verify-email", verifyEmail);
  return app;
};

const NOT_CONFIGURED = `AUTH_SECRET is not set on this server, or has fewer than ${SECRETS.AUTH_SECRET} characters.`;

async function post(c: Context<Bound>, path: string, route: AuthRoute): Promise<Response> {
  const startedMs = Date.now();
  // Also without a session: signing somebody in to another's account is an attack too.
  const brings = c.req.header("cookie") !== undefined || c.req.header("origin") !== undefined;
  if (brings && !isOwnOrigin(c)) return refuse(c, 403, "foreign_origin", "Sign in from the site's own pages.");
  const body = await readBody(c, route.schema);
  if (!body.ok) return body.failure;
  const attempts = attemptsOf(c, route.guess, body.value);
  try {
    const wait = await tried(c.env, attempts);
    if (wait !== null) {
      c.header("retry-after", String(wait));
      return refuse(c, 429, "too_many_attempts", "This was tried too often. Wait as long as Retry-After says.");
    }
    const answer = await answered(c, path, route, body.value);
    if (route.guess === "sign-in" && answer.headers.has("set-cookie") && !(await isSecondFactorAsked(answer)))
      await forgive(c.env, attempts[0]!);
    const leftMs = ANSWER_MS_MIN - (Date.now() - startedMs);
    if (route.even === true && leftMs > 0) await scheduler.wait(leftMs);
    return answer;
  } catch (error) {
    console.error(JSON.stringify({ event: "auth_failed", path, error: String(error) }));
    return unavailable(c);
  }
}

const isSecondFactorAsked = async (answer: Response): Promise<boolean> =>
  (await answer.clone().json<{ two_factor?: true }>()).two_factor === true;

async function answered(
  c: Context<Bound>,
  path: string,
  route: AuthRoute,
  body: Record<string, unknown>,
): Promise<Response> {
  const response = await ask(c, "POST", path, route.sent?.(body) ?? body);
  if (response.status >= 500) throw new Error(`better-auth said ${response.status}: ${await response.text()}`);
  for (const cookie of response.headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
  forget();
  const said = await response.json<Said & { code?: string; message?: string }>();
  if (response.ok) return route.answer === undefined ? c.body(null, 204) : c.json(route.answer(said));
  const reason = (said.code ?? "refused").toLowerCase();
  return refuse(c, response.status as Status, reason, said.message ?? "This is refused.");
}

/** The link in a mail: it confirms, and shows the page that says so. */
async function verifyEmail(c: Context<Bound>): Promise<Response> {
  const token = c.req.query("token") ?? "";
  const response = await ask(c, "GET", `/verify-email?token=${encodeURIComponent(token)}`);
  const said: object = response.ok ? await response.json() : {};
  forget();
  // Of the two steps of a changed address, the first ends without a person.
  return c.redirect(response.ok ? ("user" in said ? "/#verified" : "/#confirm-sent") : "/#verify-failed");
}

async function ask(c: Context<Bound>, method: "GET" | "POST", path: string, body?: object): Promise<Response> {
  const { authFor } = await import("./auth.ts");
  const { origin } = new URL(c.req.url);
  const headers = new Headers({ "content-type": "application/json" });
  for (const name of ["cookie", "origin", "user-agent"]) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value.slice(0, name === "user-agent" ? 512 : undefined));
  }
  const auth = await authFor(c.env, origin);
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return auth.handler(new Request(`${origin}/api/auth${path}`, init));
}

/** The first is the one that being right forgives. */
function attemptsOf(c: Context<Bound>, guess: Guess, body: Record<string, unknown>): Attempt[] {
  const network = { who: networkOf(c.req.header("cf-connecting-ip") ?? "") };
  const address = { who: String(body["email"]) };
  switch (guess) {
    case "sign-in":
      return [
        { what: "sign-in address", ...address, max: 10, windowSeconds: TEN_MINUTES },
        { what: "sign-in network", ...network, max: 100, windowSeconds: TEN_MINUTES },
      ];
    case "mail":
      return [
        { what: "mail address", ...address, max: 5, windowSeconds: HOUR },
        { what: "mail network", ...network, max: 30, windowSeconds: HOUR },
      ];
    case "code":
      return [{ what: "code network", ...network, max: 60, windowSeconds: TEN_MINUTES }];
    case "session":
      return [{ what: "session", who: getCookie(c, sessionCookie(c)) ?? "", max: 30, windowSeconds: TEN_MINUTES }];
  }
}
