// How a merchant's events are processed, and where they went: rules, goals, books. See docs/rules.md.

import { z } from "zod";
import type { WireGoal } from "../../core/goals.ts";
import type { Rejection } from "../../core/rejection.ts";
import { BOT_WAYS } from "../../core/rules.ts";
import type { RulesVersionView, RulesView, SavedRulesView } from "../../core/rules-view.ts";
import type { BookedDay, BooksView } from "../../core/books-view.ts";
import { COUNT, DATE, type Description, empty, INSTANT, json, type Parameter, REFUSAL, refusal } from "./describe.ts";
import { REJECTIONS } from "./ops.ts";
import { DIFFERENCE, RUN, SWITCH } from "./replays.ts";
import { CHANNEL_RULE, RULES } from "./rules.ts";

const topic = "Configuration";
const audience = "readers";

const TEXTS = z.array(z.string());

const RULES_VIEW: z.ZodType<RulesView> = z
  .object({
    bots: z.enum(BOT_WAYS),
    extraBots: TEXTS,
    excludedPages: TEXTS,
    excludedHosts: TEXTS,
    allowedHosts: TEXTS,
    excludedCountries: TEXTS,
    excludedAddresses: TEXTS,
    channels: z.array(CHANNEL_RULE),
    keptParameters: TEXTS,
    keptProps: TEXTS.nullable().describe("Null: all are kept."),
  })
  .meta({ id: "RulesView", description: "Rules with every entry; they can be sent back, changed." });

const VERSION = {
  version: COUNT.describe("0: none has been saved."),
  who: z.string().nullable(),
  why: z.string().nullable(),
  at: INSTANT.nullable(),
};
const SAVED: z.ZodType<SavedRulesView> = z.object({ ...VERSION, rules: RULES_VIEW }).meta({ id: "SavedRules" });
const HISTORY: z.ZodType<RulesVersionView> = z.object(VERSION).meta({ id: "RulesVersion" });

const named = {
  display_name: z.string(),
  value: z.number().exactOptional().describe("What reaching it is worth, in the merchant's currency."),
};
const WIRE_GOAL: z.ZodType<WireGoal> = z
  .union([
    z.object({ ...named, goal_type: z.literal("event"), event_name: z.string() }),
    z.object({
      ...named,
      goal_type: z.literal("page"),
      page_path: z.string().describe("In which * stands for any letters."),
    }),
  ])
  .meta({ id: "WireGoal" });
const NEW_GOAL = {
  schema: z
    .object({
      goal_type: z.enum(["event", "page"]),
      event_name: z.string().optional(),
      page_path: z.string().optional(),
      display_name: z.string().optional(),
      value: z.number().optional(),
    })
    .meta({ id: "NewGoal" }),
  example: { goal_type: "page", page_path: "/thanks*", value: 12.5 },
};

const DAY: z.ZodType<BookedDay> = z
  .object({
    date: DATE,
    received: COUNT,
    accepted: COUNT,
    duplicate: COUNT,
    rejected: z.record(z.string(), COUNT).describe("By reason."),
    counted: COUNT,
    not_counted: z.record(z.string(), COUNT).describe("By verdict."),
    erased: COUNT.describe("Accepted once, and erased since: a visitor has asked for it."),
    late: COUNT.describe("Accepted for a day that is sealed, and not counted yet."),
    balanced: z.boolean(),
    state: z.enum(["open", "sealed", "proven"]),
    rules_versions: z.array(z.int()).describe("Of the rules that a seal or a replay has counted by."),
  })
  .meta({ id: "BookedDay" });

const BOOKS: z.ZodType<BooksView> = z
  .object({
    merchant: z.string(),
    from: DATE,
    to: DATE,
    days: z.array(DAY),
    rejected_examples: z.array(
      z.object({
        at: INSTANT,
        reason: z.enum(Object.keys(REJECTIONS) as Rejection["reason"][]),
        field: z.string().describe("A JSON pointer into the event."),
        name: z.string().nullable(),
        page: z.string().nullable().describe("Host and path."),
      }),
    ),
  })
  .meta({ id: "BooksOfDays" });

const id: Parameter = { description: "The merchant's id.", schema: z.string() };
const path = { id };
const merchant = refusal("There is no such merchant.");
const forbidden = refusal("The asker's role does not allow it.");
const unavailable = { ...refusal("It cannot be answered just now."), headers: { "Retry-After": "Seconds." } };
const read = { 404: merchant, 503: unavailable };
const changed = { ...read, 403: forbidden };
const tagged = { ETag: "The version." };

const RUNS = "/api/v1/merchants/:id/rules/runs/:run";
const run = { id, run: { description: "The run's number.", schema: z.int().min(1) } };
const noRun = refusal("There is no such merchant, or no such run of it.");

const ofRun = (way: "apply" | "rollback" | "cancel" | "resume", summary: string, done: z.ZodType): Description => ({
  route: `POST ${RUNS}/${way}`,
  topic,
  audience,
  summary,
  path: run,
  body: { schema: z.object({ who: z.string().optional().describe("Of the operator: who it is.") }) },
  answers: {
    200: json("Done.", done),
    400: refusal("What is wrong with the body."),
    ...changed,
    404: noRun,
    409: json("It was refused, or the run's state does not allow it.", z.union([SWITCH, REFUSAL])),
  },
});

const RULE_ROUTES: readonly Description[] = [
  {
    route: "GET /api/v1/merchants/:id/rules",
    topic,
    audience,
    summary: "The rules of processing, and their versions",
    path,
    answers: {
      200: {
        ...json("The newest first.", z.object({ ...VERSION, rules: RULES_VIEW, history: z.array(HISTORY) })),
        headers: tagged,
      },
      ...read,
    },
  },
  {
    route: "PUT /api/v1/merchants/:id/rules",
    topic,
    audience,
    summary: "Save a new version of the rules",
    details:
      "For the merchant's admins and owners. They hold from the next local day on; a preview shows them over the past. Say which version you change, by If-Match or in the body.",
    path,
    body: {
      schema: z.object({
        rules: RULES.describe("Without version and goals."),
        version: COUNT.optional().describe("That is changed; 0 for none."),
        why: z.string().optional(),
        who: z.string().optional().describe("Of the operator: who it is."),
      }),
      example: { rules: { excludedPages: ["/admin/*"], extraBots: ["PriceWatch"] }, version: 3, why: "no back office" },
    },
    answers: {
      200: { ...json("It is saved.", z.object({ ...VERSION, rules: RULES_VIEW, holds_from: DATE })), headers: tagged },
      400: refusal("What is wrong with the rules."),
      ...changed,
      412: { ...refusal("Somebody else has changed them."), headers: tagged },
      413: refusal("The body is too large."),
      428: refusal("It is not said which version is changed."),
    },
  },
  {
    route: "GET /api/v1/merchants/:id/rules/versions/:version",
    topic,
    audience,
    summary: "A version of the rules",
    path: { id, version: { description: "From 1.", schema: z.int().min(1) } },
    answers: { 200: json("As it was saved.", SAVED), ...read, 404: refusal("There is no such merchant or version.") },
  },
  {
    route: "POST /api/v1/merchants/:id/rules/preview",
    topic,
    audience,
    summary: "Look at rules over days that are past",
    details:
      "Starts a run that counts the days beside the numbers that readers see. Nothing changes before it is applied.",
    path,
    body: {
      schema: z.object({
        rules: RULES.optional().describe("Absent: the rules that are saved."),
        from: DATE,
        to: DATE,
        why: z.string().optional(),
        who: z.string().optional().describe("Of the operator: who it is."),
      }),
      example: { rules: { excludedPages: ["/admin/*"] }, from: "2026-11-01", to: "2026-11-30" },
    },
    answers: {
      202: json("The run.", RUN),
      400: refusal("What is wrong with the question."),
      ...changed,
      413: refusal("The body is too large."),
    },
  },
  {
    route: `GET ${RUNS}`,
    topic,
    audience,
    summary: "How a run of a preview stands",
    path: run,
    answers: { 200: json("The run.", RUN), ...read, 404: noRun },
  },
  {
    route: `GET ${RUNS}/diff`,
    topic,
    audience,
    summary: "What a preview would change",
    path: run,
    query: {
      limit: { description: "Rows.", schema: COUNT },
      dimension: { description: "Rows of one dimension.", schema: z.string() },
      measure: { description: "Rows of one measure.", schema: z.string() },
    },
    answers: {
      200: json("The largest first.", DIFFERENCE),
      400: refusal("What is wrong with the question."),
      ...read,
      404: noRun,
    },
  },
  ofRun("apply", "Switch readers to what a preview has counted", SWITCH),
  ofRun("rollback", "Switch readers back", SWITCH),
  ofRun("cancel", "Count a preview no further", z.object({ run: z.int(), state: z.literal("cancelled") })),
  ofRun("resume", "Send what was lost of a preview", z.object({ run: z.int(), sent: COUNT })),
];

const goal = { id, name: { description: "The goal's name.", schema: z.string() } };
const noGoal = refusal("There is no such merchant or goal.");
const wrongGoal = refusal("What is wrong with the goal.");
const exists = refusal("There is a goal of this name already, or there are too many.");

const GOAL_ROUTES: readonly Description[] = [
  {
    route: "GET /api/v1/merchants/:id/goals",
    topic,
    audience,
    summary: "Goals",
    path,
    answers: { 200: json("In the order of their making.", z.object({ goals: z.array(WIRE_GOAL) })), ...read },
  },
  {
    route: "POST /api/v1/merchants/:id/goals",
    topic,
    audience,
    summary: "Make a goal",
    details: "An event, or a page. It holds for the past too: reports look for it in the events.",
    path,
    body: NEW_GOAL,
    answers: {
      201: json("It is made.", WIRE_GOAL),
      400: wrongGoal,
      ...changed,
      409: exists,
      413: refusal("The body is too large."),
    },
  },
  {
    route: "PUT /api/v1/merchants/:id/goals/:name",
    topic,
    audience,
    summary: "Change a goal",
    path: goal,
    body: NEW_GOAL,
    answers: {
      200: json("It is changed.", WIRE_GOAL),
      400: wrongGoal,
      ...changed,
      404: noGoal,
      409: exists,
      413: refusal("The body is too large."),
    },
  },
  {
    route: "DELETE /api/v1/merchants/:id/goals/:name",
    topic,
    audience,
    summary: "Remove a goal",
    path: goal,
    answers: {
      204: empty("It is gone."),
      ...changed,
      404: noGoal,
      409: refusal("Somebody else is changing the rules."),
    },
  },
];

export const CONFIGURATION: readonly Description[] = [
  ...RULE_ROUTES,
  ...GOAL_ROUTES,
  {
    route: "GET /api/v1/merchants/:id/books",
    topic,
    audience,
    summary: "Where every event went",
    details: "Of each day, and some of those that were refused lately, with nothing of whoever sent them.",
    path,
    query: {
      from: { description: "The first date; today when left out.", schema: DATE },
      to: { description: "The last date; today when left out.", schema: DATE },
    },
    answers: { 200: json("By date.", BOOKS), 400: refusal("What is wrong with the range."), ...read },
  },
];
