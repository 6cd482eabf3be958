// better-auth, set up: people, passwords, second factors and sessions, on Postgres. Loaded only when somebody signs in or
// changes how they do (auth-routes.ts imports it then); who a session belongs to is answered without it (auth-session.ts).
//
// SQL over HTTP, one statement at a time, as everywhere in the Worker: a connection of its own would cost five round trips
// before the first query of a sign-in that has four. So there are no transactions across statements, and none is needed:
// what must happen once consumes a row in one statement, and a sign-up that dies halfway is ended by a password reset.

import { waitUntil } from "cloudflare:workers";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { twoFactor } from "better-auth/plugins/two-factor";
import { drizzle } from "drizzle-orm/neon-http";
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from "../core/limits.ts";
import { credentials, people, second_factors, sessions, verifications } from "../migrations/accounts-schema.ts";
import { database } from "../migrations/database.ts";
import { hashPassword, verifyPassword } from "../migrations/password-hash.ts";
import { mailToChangeAddress, mailToKnownAddress, mailToReset, mailToVerify } from "./auth-mail.ts";
import { COOKIE_PREFIX, SESSION_SECONDS } from "./auth-session.ts";
import type { Env } from "./env.ts";
import { sendMail } from "./mail.ts";

const LINK_SECONDS = 3_600;
const ORIGINS_MAX = 4;

export interface Auth {
  handler(request: Request): Promise<Response>;
}

const byOrigin = new Map<string, Auth>();

/** For one origin of ours: it stands in the links of mails and decides how cookies are marked. */
export async function authFor(env: Env, origin: string): Promise<Auth> {
  const known = byOrigin.get(origin);
  if (known !== undefined) return known;
  const auth = betterAuth(optionsFor(env, origin));
  // Whole before it is shared: a promise of one request may not be waited for by another.
  await auth.$context;
  if (byOrigin.size >= ORIGINS_MAX) byOrigin.clear();
  byOrigin.set(origin, auth);
  return auth;
}

const optionsFor = (env: Env, origin: string): Parameters<typeof betterAuth>[0] => ({
  appName: "Countinghouse",
  baseURL: origin,
  basePath: "/api/auth",
  secret: env.AUTH_SECRET,
  database: drizzleAdapter(drizzle({ client: database(env) }), {
    provider: "pg",
    schema: {
      user: people,
      session: sessions,
      account: credentials,
      verification: verifications,
      twoFactor: second_factors,
    },
  }),
  emailAndPassword: {
    enabled: true,
    // An address that is known gets the same answer as one that is not.
    requireEmailVerification: true,
    autoSignIn: false,
    minPasswordLength: PASSWORD_CHARS_MIN,
    maxPasswordLength: PASSWORD_CHARS_MAX,
    password: { hash: hashPassword, verify: verifyPassword },
    resetPasswordTokenExpiresIn: LINK_SECONDS,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: ({ user, token }) => sendMail(env, mailToReset(origin, user, token)),
    onExistingUserSignUp: ({ user }) => sendMail(env, mailToKnownAddress(origin, user)),
  },
  emailVerification: {
    sendOnSignUp: true,
    sendOnSignIn: true,
    autoSignInAfterVerification: false,
    expiresIn: LINK_SECONDS,
    sendVerificationEmail: ({ user, token }) => sendMail(env, mailToVerify(origin, user, token)),
  },
  user: {
    changeEmail: {
      enabled: true,
      sendChangeEmailConfirmation: ({ user, newEmail, token }) =>
        sendMail(env, mailToChangeAddress(origin, user, newEmail, token)),
    },
  },
  session: { expiresIn: SESSION_SECONDS, disableSessionRefresh: true, freshAge: 0 },
  verification: { storeIdentifier: "hashed" },
  plugins: [twoFactor({ issuer: "Countinghouse" })],
  // Ours counts by keyed hashes: see attempts.ts.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: "error" },
  advanced: {
    cookiePrefix: COOKIE_PREFIX,
    useSecureCookies: origin.startsWith("https:"),
    defaultCookieAttributes: { httpOnly: true, sameSite: "strict", path: "/" },
    disableCSRFCheck: false,
    disableOriginCheck: false,
    ipAddress: { disableIpTracking: true },
    // Whether a mail is sent must not show in the time that an answer takes.
    backgroundTasks: { handler: (promise) => waitUntil(promise) },
  },
});
