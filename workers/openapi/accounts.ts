// People: who one is, and organisations with their members and invitations.

import { z } from "zod";
import { SCOPES } from "../../core/token.ts";
import { ROLES } from "../../core/role.ts";
import { named } from "../organisations.ts";
import { type Answer, COUNT, type Description, empty, INSTANT, json, type Parameter, refusal } from "./describe.ts";

export const ROLE = z.enum(ROLES).meta({ id: "Role", description: "Each may do what those before it may." });
export const unavailable = { ...refusal("Postgres is unreachable."), headers: { "Retry-After": "Seconds." } };
export const tooOften = { ...refusal("This was tried too often."), headers: { "Retry-After": "Seconds." } };
const malformed = refusal("See its pointer.");
const tooLarge = refusal("Too large.");
export const CHANGING: Record<number, Answer> = { 400: malformed, 413: tooLarge, 503: unavailable };

export const PERSON = z.object({ id: z.string(), name: z.string(), email: z.string() });

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
        "A person with roles by organisation, the operator, or a token.",
        z.object({
          operator: z.boolean(),
          person: PERSON.nullable(),
          roles: z.record(z.string(), ROLE),
          token: z
            .object({
              id: z.string(),
              name: z.string(),
              scope: z.enum(SCOPES),
              organisation: z.string().nullable(),
              merchant: z.string().nullable(),
            })
            .nullable(),
        }),
      ),
    },
  },
  {
    route: "GET /api/v1/me/sessions",
    topic: "People",
    audience: "readers",
    summary: "Where you are signed in",
    answers: {
      200: json(
        "Newest first.",
        z.object({
          sessions: z.array(SESSION),
          two_factor: z.boolean().describe("Whether signing in asks for a code too."),
        }),
      ),
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

export const forbidden = refusal("Your role does not allow this; or a session was used from another origin.");
export const noOrganisation = refusal("There is no such organisation.");
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

export const ACCOUNTS: readonly Description[] = [...ME, ...ORGANISATIONS, ...MEMBERS];
