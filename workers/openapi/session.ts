// Signing up, in and out: with an account, or with the operator token.

import { z } from "zod";
import { POSTS } from "../auth-routes.ts";
import { CHANGING, PERSON, tooOften, unavailable } from "./accounts.ts";
import { type Answer, type Description, empty, json, refusal } from "./describe.ts";

const SIGNED_IN = z.union([z.object({ person: PERSON }), z.object({ two_factor: z.literal(true) })]);
const CODES = z.array(z.string()).describe("Each works once.");

interface Told {
  summary: string;
  details?: string;
  answer?: Answer;
}

const same = "The answer is the same whether the address is known or not.";

const AUTH: Record<string, Told> = {
  "/sign-up/email": { summary: "Sign up", details: `A mail confirms the address. ${same}` },
  "/sign-in/email": {
    summary: "Sign in",
    details: "Sets a cookie. With a second factor that is asked for next.",
    answer: json("Who is signed in, or that a second factor is needed.", SIGNED_IN),
  },
  "/sign-out": { summary: "Sign out" },
  "/send-verification-email": { summary: "Send the mail that confirms the address again", details: same },
  "/request-password-reset": { summary: "Ask for a new password by mail", details: same },
  "/reset-password": { summary: "Set the new password", details: "With the token of the mail." },
  "/change-email": { summary: "Change the address", details: "Both addresses confirm it by mail." },
  "/change-password": { summary: "Change the password", details: "Ends all other sessions." },
  "/update-user": { summary: "Change the name" },
  "/two-factor/enable": {
    summary: "Begin to use a second factor",
    answer: json("For the app that makes codes.", z.object({ totp_uri: z.string(), backup_codes: CODES })),
  },
  "/two-factor/disable": { summary: "Use no second factor any more" },
  "/two-factor/generate-backup-codes": {
    summary: "Make new backup codes",
    answer: json("The former ones work no more.", z.object({ backup_codes: CODES })),
  },
  "/two-factor/verify-totp": { summary: "Sign in with a code", answer: json("Who is signed in.", SIGNED_IN) },
  "/two-factor/verify-backup-code": {
    summary: "Sign in with a backup code",
    answer: json("Who is signed in.", SIGNED_IN),
  },
};

const SIGNING: readonly Description[] = [
  ...Object.entries(POSTS).map(([path, { schema }]): Description => {
    const { summary, details, answer } = AUTH[path] ?? { summary: path };
    return {
      route: `POST /api/auth${path}`,
      topic: "Signing in",
      audience: "anybody",
      summary,
      ...(details === undefined ? {} : { details }),
      body: { schema },
      answers: {
        ...(answer === undefined ? { 204: empty("Done.") } : { 200: answer }),
        ...CHANGING,
        401: refusal("Nobody is signed in, or what was sent is not right."),
        403: refusal("Asked from another origin, or the address is not confirmed."),
        429: tooOften,
      },
    };
  }),
  {
    route: "GET /api/auth/verify-email",
    topic: "Signing in",
    audience: "anybody",
    summary: "Confirm an address",
    details: "The link in a mail.",
    query: { token: { description: "Of the mail.", schema: z.string(), required: true } },
    answers: {
      302: { ...empty("To the page that says how it went."), headers: { Location: "The page." } },
      503: unavailable,
    },
  },
];

export const SESSION: readonly Description[] = [
  ...SIGNING,
  {
    route: "POST /api/v1/session",
    topic: "Signing in",
    summary: "Sign in with the operator token",
    details: "Sets a cookie that opens the API to the site's own pages.",
    audience: "anybody",
    body: { schema: z.object({ token: z.string().min(1) }) },
    answers: {
      204: { ...empty("Signed in."), headers: { "Set-Cookie": "The session." } },
      400: refusal("There is no token in the body."),
      401: refusal("The token is not valid."),
      403: refusal("Asked from another origin."),
      413: refusal("Too large."),
      503: refusal("The server has no operator token."),
    },
  },
  {
    route: "GET /api/v1/session",
    topic: "Signing in",
    summary: "Whether you are signed in",
    audience: "readers",
    answers: { 204: empty("You are.") },
  },
  {
    route: "DELETE /api/v1/session",
    topic: "Signing in",
    summary: "Sign out",
    audience: "anybody",
    answers: { 204: empty("Signed out.") },
  },
];
