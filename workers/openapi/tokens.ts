// Tokens of programs, and the record of who changed what.

import { z } from "zod";
import { SCOPES, type TokenView } from "../../core/token.ts";
import { AUDIT_ENTRIES_MAX } from "../../core/limits.ts";
import type { AuditEntry } from "../../core/audit-entry.ts";
import { made, replaced } from "../tokens.ts";
import { CHANGING, unavailable } from "./accounts.ts";
import { type Description, empty, INSTANT, json, type Parameter, refusal } from "./describe.ts";

const SCOPE = z.enum(SCOPES).meta({
  id: "Scope",
  description: "read: reports and settings. ingest: sending events. ops: read, and a merchant's objects and raw files.",
});

const TOKEN = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: SCOPE,
    beginning: z.string().describe("Its first letters."),
    organisation: z.string().nullable(),
    merchant: z.string().nullable().describe("Null: all of the organisation's."),
    state: z.enum(["valid", "expired", "revoked"]),
    created_by: z.string(),
    created_at: INSTANT,
    expires_at: INSTANT.nullable(),
    revoked_at: INSTANT.nullable(),
    last_used_at: INSTANT.nullable().describe("To the hour."),
  })
  .meta({ id: "Token" }) satisfies z.ZodType<TokenView>;

const NEW_TOKEN = TOKEN.extend({ token: z.string().describe("Told once.") }).meta({ id: "NewToken" });

const topic = "Tokens";
const audience = "readers";
const forbidden = refusal("Your role does not allow this; or a token was used, or a session from another origin.");
const whose: Record<string, Parameter> = {
  merchant: { description: "Of one merchant.", schema: z.string() },
  organisation: { description: "Of an organisation and its merchants.", schema: z.string() },
};
const noWhose = refusal("There is no such merchant or organisation.");
const noToken = refusal("There is no such token.");
const wrong = refusal("What is wrong with the question.");

export const TOKENS: readonly Description[] = [
  {
    route: "GET /api/v1/tokens",
    topic,
    audience,
    summary: "Tokens",
    details: "For admins and owners. The operator may leave both parameters out.",
    query: whose,
    answers: {
      200: json("The newest first, with those that work no more.", z.object({ tokens: z.array(TOKEN) })),
      400: wrong,
      403: forbidden,
      404: noWhose,
      503: unavailable,
    },
  },
  {
    route: "POST /api/v1/tokens",
    topic,
    audience,
    summary: "Make a token",
    details: "For one merchant, or for all of an organisation. Only the operator makes tokens with the scope ops.",
    body: { schema: made, example: { name: "Warehouse import", scope: "ingest", merchant: "m_demo" } },
    answers: {
      201: json("It is there. What it holds is told now and never again.", NEW_TOKEN),
      ...CHANGING,
      403: forbidden,
      404: noWhose,
      409: refusal("There are too many."),
    },
  },
  {
    route: "POST /api/v1/tokens/:id/rotate",
    topic,
    audience,
    summary: "Make another token in place of one",
    details: "The former goes on working for overlap_hours. Where it expires, say when the new one does.",
    body: { schema: replaced, example: { overlap_hours: 24 } },
    answers: {
      201: json("The new one.", NEW_TOKEN),
      ...CHANGING,
      403: forbidden,
      404: noToken,
      409: refusal("It works no more."),
    },
  },
  {
    route: "DELETE /api/v1/tokens/:id",
    topic,
    audience,
    summary: "Revoke a token",
    details: "It opens nothing any more, everywhere within a minute.",
    answers: { 204: empty("It is revoked."), 403: forbidden, 404: noToken, 503: unavailable },
  },
];

const FIELDS = z.record(z.string(), z.unknown()).nullable();

const ENTRY: z.ZodType<AuditEntry> = z
  .object({
    id: z.int(),
    at: INSTANT,
    who: z.string().describe("An address, operator, or what operators say of themselves."),
    action: z.string(),
    merchant: z.string().nullable(),
    organisation: z.string().nullable(),
    before: FIELDS,
    after: FIELDS,
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });

export const AUDIT_LOG: readonly Description[] = [
  {
    route: "GET /api/v1/audit",
    topic,
    audience,
    summary: "Who changed what",
    details:
      "Settings, members, invitations, rules, tokens and replays. For admins and owners; the operator may ask for all.",
    query: {
      ...whose,
      before: { description: "Entries older than this one: next of the page before.", schema: z.int() },
      limit: { description: "Entries; 50 when left out.", schema: z.int().min(1).max(AUDIT_ENTRIES_MAX) },
    },
    answers: {
      200: json("The newest first.", z.object({ entries: z.array(ENTRY), next: z.int().nullable() })),
      400: wrong,
      403: forbidden,
      404: noWhose,
      503: unavailable,
    },
  },
];
