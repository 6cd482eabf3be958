// People: signing up and in with an account, who one is, organisations with their members and invitations, and the merchants that
// belong to them.

import { z } from "zod";
import { MERCHANT_ID_CHARS_MAX } from "../../core/limits.ts";
import { ROLES } from "../access.ts";
import { POSTS } from "../auth-routes.ts";
import type { ListedMerchant, MerchantList } from "../merchants-list.ts";
import { changed, created } from "../merchants-api.ts";
import { named } from "../organisations.ts";
import {
  type Answer,
  COUNT,
  DATE,
  type Description,
  empty,
  INSTANT,
  json,
  type Parameter,
  refusal,
} from "./describe.ts";

const ROLE = z.enum(ROLES).meta({ id: "Role", description: "Each may do what those before it may." });
const unavailable = { ...refusal("Postgres is unreachable."), headers: { "Retry-After": "Seconds." } };
const tooOften = { ...refusal("This was tried too often."), headers: { "Retry-After": "Seconds." } };
const malformed = refusal("See its pointer.");
const tooLarge = refusal("Too large.");
const CHANGING: Record<number, Answer> = { 400: malformed, 413: tooLarge, 503: unavailable };

const PERSON = z.object({ id: z.string(), name: z.string(), email: z.string() });
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

const SESSION = z.object({
  id: z.string(),
  user_agent: z.string().nullable(),
  current: z.boolean().describe("The one that asks."),
  since: INSTANT,
  until: INSTANT,
});
const personOnly = refusal("Only somebody who is signed in with an account may do this.");

const ME: readonly Description[] = [
  {
    route: "GET /api/v1/me",
    topic: "People",
    audience: "readers",
    summary: "Who you are",
    answers: {
      200: json(
        "A person with roles by organisation, or the operator.",
        z.object({ operator: z.boolean(), person: PERSON.nullable(), roles: z.record(z.string(), ROLE) }),
      ),
    },
  },
  {
    route: "GET /api/v1/me/sessions",
    topic: "People",
    audience: "readers",
    summary: "Where you are signed in",
    answers: {
      200: json("Newest first.", z.object({ sessions: z.array(SESSION) })),
      403: personOnly,
      503: unavailable,
    },
  },
  {
    route: "DELETE /api/v1/me/sessions",
    topic: "People",
    audience: "readers",
    summary: "End all other sessions",
    answers: { 204: empty("They are ended."), 403: personOnly, 503: unavailable },
  },
  {
    route: "DELETE /api/v1/me/sessions/:id",
    topic: "People",
    audience: "readers",
    summary: "End a session",
    answers: {
      204: empty("It is ended."),
      403: personOnly,
      404: refusal("You have no such session."),
      503: unavailable,
    },
  },
];

const ORGANISATION = z
  .object({
    id: z.string(),
    name: z.string(),
    members: COUNT,
    merchants: COUNT,
    role: ROLE.nullable().describe("Yours."),
  })
  .meta({ id: "Organisation" });

const forbidden = refusal("Your role does not allow this; or a session was used from another origin.");
const noOrganisation = refusal("There is no such organisation.");
const lastOwner = refusal("An organisation needs an owner.");
const REFUSED: Record<number, Answer> = { 403: forbidden, 404: noOrganisation, 503: unavailable };

const at = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, summary: string) => ({
  route: `${method} /api/v1${path}` as const,
  topic: "Organisations",
  audience: "readers" as const,
  summary,
});

const ORGANISATIONS: readonly Description[] = [
  {
    ...at("GET", "/organisations", "Your organisations"),
    answers: { 200: json("By name.", z.object({ organisations: z.array(ORGANISATION) })), 503: unavailable },
  },
  {
    ...at("POST", "/organisations", "Make an organisation"),
    details: "You are its owner.",
    body: { schema: named },
    answers: {
      201: json("It is there.", ORGANISATION.pick({ id: true, name: true, role: true })),
      ...CHANGING,
      409: refusal("You belong to too many."),
    },
  },
  { ...at("GET", "/organisations/:id", "An organisation"), answers: { 200: json("It.", ORGANISATION), ...REFUSED } },
  {
    ...at("PATCH", "/organisations/:id", "Rename an organisation"),
    body: { schema: named },
    answers: { 200: json("As it is now.", ORGANISATION), ...REFUSED, ...CHANGING },
  },
  {
    ...at("DELETE", "/organisations/:id", "Delete an organisation"),
    answers: { 204: empty("It is gone."), ...REFUSED, 409: refusal("It has merchants.") },
  },
  {
    ...at("POST", "/organisations/:id/transfer", "Make another member an owner"),
    details: "And yourself an admin.",
    body: { schema: z.strictObject({ person: z.string() }) },
    answers: { 204: empty("Done."), ...REFUSED, ...CHANGING },
  },
  {
    ...at("POST", "/organisations/:id/leave", "Leave an organisation"),
    answers: { 204: empty("You are no member any more."), ...REFUSED, 409: lastOwner },
  },
];

const organisation: Parameter = { description: "Its id.", schema: z.string(), required: true };
const MEMBER = z.object({
  person: z.string(),
  name: z.string(),
  email: z.string(),
  role: ROLE,
  two_factor: z.boolean(),
  since: INSTANT,
});
const INVITATION = z.object({ id: z.string(), email: z.string(), role: ROLE, expires_at: INSTANT });

const MEMBERS: readonly Description[] = [
  {
    ...at("GET", "/members", "Who belongs to an organisation"),
    query: { organisation },
    answers: { 200: json("By name.", z.object({ members: z.array(MEMBER) })), ...REFUSED },
  },
  {
    ...at("PATCH", "/members/:organisation/:person", "Change a member's role"),
    body: { schema: z.strictObject({ role: ROLE }) },
    answers: {
      200: json("As it is now.", z.object({ person: z.string(), role: ROLE })),
      ...REFUSED,
      ...CHANGING,
      409: lastOwner,
    },
  },
  {
    ...at("DELETE", "/members/:organisation/:person", "Remove a member"),
    answers: { 204: empty("Done."), ...REFUSED, 409: lastOwner },
  },
  {
    ...at("GET", "/invitations", "Invitations that are open"),
    query: { organisation },
    answers: { 200: json("By address.", z.object({ invitations: z.array(INVITATION) })), ...REFUSED },
  },
  {
    ...at("POST", "/invitations", "Invite somebody by mail"),
    body: { schema: z.strictObject({ organisation: z.string(), email: z.email(), role: ROLE }) },
    answers: {
      201: json("The mail is on its way.", INVITATION.omit({ expires_at: true })),
      ...REFUSED,
      ...CHANGING,
      409: refusal("The organisation has too many members."),
      429: tooOften,
    },
  },
  {
    ...at("POST", "/invitations/accept", "Accept an invitation"),
    body: { schema: z.strictObject({ token: z.string().describe("Of the mail.") }) },
    answers: {
      200: json("What you are now.", z.object({ organisation: z.string(), role: ROLE })),
      ...CHANGING,
      403: personOnly,
      404: refusal("It is over, was used or withdrawn, or was sent to another address."),
    },
  },
  {
    ...at("DELETE", "/invitations/:id", "Withdraw an invitation"),
    answers: { 204: empty("It works no more."), 403: forbidden, 404: refusal("There is none."), 503: unavailable },
  },
];

const LISTED: z.ZodType<ListedMerchant> = z
  .object({
    id: z.string().max(MERCHANT_ID_CHARS_MAX),
    name: z.string(),
    zone: z.string(),
    currency: z.string(),
    shards: z.int(),
    organisation: z.string().nullable().describe("Null: nobody's but the operator's."),
    role: ROLE.nullable().describe("Yours in it."),
  })
  .meta({ id: "ListedMerchant" });

const LIST: z.ZodType<MerchantList> = z.object({
  merchants: z.array(LISTED),
  as_of: INSTANT.nullable().describe("Null: as it is now; else when it was so, since Postgres is away."),
});

const MERCHANT = z
  .object({
    id: z.string(),
    name: z.string(),
    domains: z.array(z.string()),
    zone: z.string(),
    currency: z.string(),
    shards: z.int(),
    spread: z
      .array(z.object({ from: DATE, shards: z.int() }))
      .nullable()
      .describe("From which day on how many shards."),
    retention_days: z.int().nullable().describe("Null: for ever."),
    organisation: z.string().nullable(),
    role: ROLE.nullable().describe("Yours in it."),
  })
  .meta({ id: "Merchant" });

const noMerchant = refusal("There is no such merchant.");
const ofMerchants = { topic: "Merchants" };

const MERCHANTS: readonly Description[] = [
  {
    ...at("GET", "/merchants", "The merchants that you may see"),
    ...ofMerchants,
    answers: { 200: json("By name.", LIST), 503: unavailable },
  },
  {
    ...at("POST", "/merchants", "Make a merchant"),
    ...ofMerchants,
    body: { schema: created },
    answers: { 201: json("It is there.", MERCHANT), ...CHANGING, 403: forbidden, 404: noOrganisation },
  },
  {
    ...at("GET", "/merchants/:id", "How a merchant is set up"),
    ...ofMerchants,
    answers: { 200: json("Its settings.", MERCHANT), 403: forbidden, 404: noMerchant, 503: unavailable },
  },
  {
    ...at("PATCH", "/merchants/:id", "Change how a merchant is set up"),
    details: "Everywhere within a minute. Time zone and currency can be changed until the first event only.",
    ...ofMerchants,
    body: { schema: changed },
    answers: {
      200: json("As it is now.", MERCHANT),
      ...CHANGING,
      403: forbidden,
      404: noMerchant,
      409: refusal("There are events already."),
    },
  },
  {
    ...at("DELETE", "/merchants/:id", "Delete a merchant"),
    ...ofMerchants,
    answers: {
      204: empty("Nobody sees it any more, and nothing is collected."),
      403: forbidden,
      404: noMerchant,
      503: unavailable,
    },
  },
  {
    ...at("POST", "/merchants/:id/transfer", "Give a merchant to another organisation"),
    ...ofMerchants,
    body: { schema: z.strictObject({ organisation: z.string() }) },
    answers: { 200: json("As it is now.", MERCHANT), ...CHANGING, 403: forbidden, 404: noMerchant },
  },
];

export const ACCOUNTS: readonly Description[] = [...SIGNING, ...ME, ...ORGANISATIONS, ...MEMBERS, ...MERCHANTS];
