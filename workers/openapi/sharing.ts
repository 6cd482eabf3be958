// What is kept of a merchant's reports and shown to others: segments, annotations, shared links. See docs/sharing.md.

import type { AnnotationView } from "../../core/annotation-view.ts";
import type { LinkView } from "../../core/link-view.ts";
import type { SavedSegment } from "../../core/segments.ts";
import { z } from "zod";
import { changedAnnotation, newAnnotation } from "../annotations.ts";
import type { OpenedLink } from "../link-opening.ts";
import { changedLink, newLink } from "../links.ts";
import { changedSegment, newSegment } from "../segments.ts";
import { CHANGING, forbidden, tooOften, unavailable } from "./accounts.ts";
import { DATE, type Description, empty, INSTANT, json, type Parameter, refusal } from "./describe.ts";

const topic = "Sharing";
const id: Parameter = { description: "The merchant's id.", schema: z.string() };
const noMerchant = refusal("There is no such merchant.");
const tooMany = refusal("There are too many.");
const READ = { 404: noMerchant, 503: unavailable };

type Method = "GET" | "POST" | "PATCH" | "DELETE";
const at = (method: Method, path: string, summary: string) => ({
  route: `${method} /api/v1/merchants/:id/${path}` as const,
  topic,
  audience: "readers" as const,
  summary,
});

const SEGMENT: z.ZodType<SavedSegment> = z
  .object({
    id: z.string(),
    name: z.string(),
    filters: z.array(z.unknown()).describe("As a query has them; they must hold together."),
    personal: z.boolean().describe("Only whoever made it sees and uses it."),
    who: z.string(),
    created_at: INSTANT,
    updated_at: INSTANT,
  })
  .meta({ id: "Segment" });

const segment = { id, segment: { description: "The segment's id.", schema: z.string() } };
const noSegment = refusal("There is no such merchant or segment.");

const SEGMENTS: readonly Description[] = [
  {
    ...at("GET", "segments", "Saved segments"),
    details: "Those of the merchant, and your own.",
    path: { id },
    answers: { 200: json("By name.", z.object({ segments: z.array(SEGMENT) })), ...READ },
  },
  {
    ...at("POST", "segments", "Save a segment"),
    details: 'For analysts and above. In queries it is the filter `["is", "segment", ["<id>"]]`.',
    path: { id },
    body: { schema: newSegment, example: { name: "Germany by mail", filters: [["is", "country", ["DE"]]] } },
    answers: { 201: json("It is saved.", SEGMENT), ...CHANGING, 403: forbidden, 404: noMerchant, 409: tooMany },
  },
  {
    ...at("PATCH", "segments/:segment", "Change a segment"),
    path: segment,
    body: { schema: changedSegment },
    answers: { 200: json("As it is now.", SEGMENT), ...CHANGING, 403: forbidden, 404: noSegment },
  },
  {
    ...at("DELETE", "segments/:segment", "Delete a segment"),
    path: segment,
    answers: {
      204: empty("It is gone; queries that name it are refused."),
      403: forbidden,
      404: noSegment,
      503: unavailable,
    },
  },
];

const ANNOTATION: z.ZodType<AnnotationView> = z
  .object({
    id: z.string(),
    date: DATE.describe("Of the merchant's clock."),
    hour: z.int().nullable().describe("Null: of the whole day."),
    text: z.string(),
    who: z.string().nullable().describe("Null to those who look through a shared link."),
  })
  .meta({ id: "Annotation" });

const annotation = { id, annotation: { description: "The annotation's id.", schema: z.string() } };
const noAnnotation = refusal("There is no such merchant or annotation.");

const ANNOTATIONS: readonly Description[] = [
  {
    ...at("GET", "annotations", "Notes at moments"),
    path: { id },
    query: {
      from: { description: "The first date; from the beginning when left out.", schema: DATE },
      to: { description: "The last date; to the end when left out.", schema: DATE },
    },
    answers: {
      200: json("By time.", z.object({ annotations: z.array(ANNOTATION) })),
      400: refusal("What is no date."),
      ...READ,
    },
  },
  {
    ...at("POST", "annotations", "Write a note"),
    details: "For analysts and above.",
    path: { id },
    body: { schema: newAnnotation, example: { date: "2026-11-27", hour: 9, text: "Sale begins" } },
    answers: { 201: json("It is there.", ANNOTATION), ...CHANGING, 403: forbidden, 404: noMerchant, 409: tooMany },
  },
  {
    ...at("PATCH", "annotations/:annotation", "Change a note"),
    path: annotation,
    body: { schema: changedAnnotation },
    answers: { 200: json("As it is now.", ANNOTATION), ...CHANGING, 403: forbidden, 404: noAnnotation },
  },
  {
    ...at("DELETE", "annotations/:annotation", "Delete a note"),
    path: annotation,
    answers: { 204: empty("It is gone."), 403: forbidden, 404: noAnnotation, 503: unavailable },
  },
];

const LINK: z.ZodType<LinkView> = z
  .object({
    id: z.string(),
    name: z.string().describe("For those who manage it."),
    url: z.string().describe("Where it opens."),
    password: z.boolean().describe("Whether one is asked for."),
    public: z.boolean().describe("The address may be known to everybody: search engines may show it."),
    origins: z.array(z.string()).describe("Of pages that may show it in a frame."),
    state: z.enum(["open", "expired", "revoked"]),
    who: z.string(),
    created_at: INSTANT,
    expires_at: INSTANT.nullable(),
    revoked_at: INSTANT.nullable(),
    opened_at: INSTANT.nullable().describe("When it was last opened, to the hour or so."),
  })
  .meta({ id: "SharedLink" });

const OPENED: z.ZodType<OpenedLink> = z
  .object({
    token: z.string().describe("Authorization: Bearer …; of a WebSocket the second protocol, after countinghouse."),
    expires_at: INSTANT,
    shared_by: z.string(),
    public: z.boolean(),
    merchant: z.object({
      id: z.string(),
      name: z.string(),
      zone: z.string(),
      currency: z.string(),
      shards: z.int(),
    }),
  })
  .meta({ id: "OpenedLink" });

const link = { id, link: { description: "The link's id.", schema: z.string() } };
const noLink = refusal("There is no such merchant or link.");

const LINKS: readonly Description[] = [
  {
    ...at("GET", "links", "Shared links"),
    details: "For admins and owners, as all that concerns them.",
    path: { id },
    answers: {
      200: json("The newest first.", z.object({ links: z.array(LINK) })),
      ...READ,
      403: forbidden,
    },
  },
  {
    ...at("POST", "links", "Make a link"),
    details: "Whoever has it, and its password if it has one, sees the merchant's reports without an account.",
    path: { id },
    body: {
      schema: newLink,
      example: { name: "Board", password: "correct horse", expires_at: "2027-01-01T00:00:00Z", origins: [] },
    },
    answers: { 201: json("It is open.", LINK), ...CHANGING, 403: forbidden, 404: noMerchant, 409: tooMany },
  },
  {
    ...at("PATCH", "links/:link", "Change a link"),
    details: "A new password ends what was opened with the one before.",
    path: link,
    body: { schema: changedLink },
    answers: {
      200: json("As it is now.", LINK),
      ...CHANGING,
      403: forbidden,
      404: noLink,
      409: refusal("It has been withdrawn."),
    },
  },
  {
    ...at("DELETE", "links/:link", "Withdraw a link"),
    details: "It stays on the list for some weeks, and whoever opens it is told.",
    path: link,
    answers: { 204: empty("It opens nothing any more."), 403: forbidden, 404: noLink, 503: unavailable },
  },
  {
    route: "POST /api/v1/links/:id/open",
    topic,
    audience: "anybody",
    summary: "Open a shared link",
    path: { id: { description: "The link's id.", schema: z.string() } },
    body: { schema: z.strictObject({ password: z.string().optional() }) },
    answers: {
      200: json("A token for the merchant's reports, live view, goals and annotations.", OPENED),
      ...CHANGING,
      401: refusal("password_needed, wrong_password, link_revoked or link_expired."),
      403: refusal("From another site's page."),
      404: refusal("There is no such link."),
      429: tooOften,
    },
  },
];

export const SHARING: readonly Description[] = [...SEGMENTS, ...ANNOTATIONS, ...LINKS];
