// Answers, computed as seldom as can be and never shown longer than they are right for. A question is a merchant, a query
// and the ranges that it comes to just now, so a named range is another question after midnight. Its answer is shown
// without a word for seconds; then the sources are asked whether their numbers are still those (numbers-version.ts), while
// the answer goes on being shown for some seconds more; and only when they are not it is computed anew. Whoever may not ask
// the merchant must not come here: what is kept is for all who may.

import type { Answer } from "../core/answer.ts";
import type { Range } from "../core/date-range.ts";
import { LATE_MS_MAX } from "../core/limits.ts";
import { planReport } from "../core/plan.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { waitUntil } from "cloudflare:workers";
import { hashOf, keepHere, keepNear, type Kept, keptHere, keptNear, type Note } from "./answer-shelf.ts";
import { Coalescer } from "./coalescer.ts";
import type { Env } from "./env.ts";
import { booksOf, heldByObjects } from "./numbers-version.ts";
import { answerAsked, type Asked, type ReportRefusal } from "./report.ts";

/** "kept": shown as it is if that is fresh enough. "checked": right as of now. "computed": from the sources, whatever is kept. */
export type Demand = "kept" | "checked" | "computed";

export interface ShownAnswer {
  /** JSON of `{ results, meta, query }`. */
  text: string;
  /** A hash of it and of the question. */
  name: string;
  /** How long it is right for, as far as can be said; then for how long it may be shown while asking again. */
  freshForMs: number;
  staleForMs: number;
  lasting: boolean;
  from: "kept" | "stale" | "checked" | "computed";
}

type Shown = Result<ShownAnswer, ReportRefusal>;

const OPEN = { freshMs: 5_000, staleMs: 10_000, keptMs: 120_000 };
const LASTING = { freshMs: 60_000, staleMs: 60_000, keptMs: 3_600_000 };
const PARTIAL = { freshMs: 2_000, staleMs: 0, keptMs: 0 };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const underWay = new Coalescer<Shown>();

export async function answerKept(env: Env, asked: Asked, nowMs: number, demand: Demand): Promise<Shown> {
  const ranges = rangesOf(asked, nowMs);
  if (!ranges.ok) return ranges;
  const question: Question = { asked, askedAtMs: nowMs, ...ranges.value };
  if (demand === "computed") return underWay.joinNext(question.key, () => computed(env, question, null));
  if (demand === "checked") return underWay.joinNext(question.key, () => refreshed(env, question, "checked"));
  const kept = keptHere(question.key);
  if (kept !== null && ageOf(kept, nowMs) < shelfLife(kept.note).freshMs) return ok(shown(kept, nowMs, "kept"));
  const refreshing = underWay.join(question.key, () => refreshed(env, question, "kept"));
  const { freshMs, staleMs } = kept === null ? PARTIAL : shelfLife(kept.note);
  if (kept === null || ageOf(kept, nowMs) >= freshMs + staleMs) return refreshing;
  waitUntil(refreshing.catch((error: unknown) => console.warn(`reports: not refreshed: ${String(error)}`)));
  return ok(shown(kept, nowMs, "stale"));
}

interface Question extends Resolved {
  asked: Asked;
  /** What named ranges are resolved by: the ranges and the answer must be of one day. */
  askedAtMs: number;
}

/** What is kept, if it is still right, else computed. */
async function refreshed(env: Env, question: Question, demand: Exclude<Demand, "computed">): Promise<Shown> {
  const kept = await keptNear(question.key);
  const nowMs = Date.now();
  // Another isolate was here.
  if (kept !== null && demand === "kept" && ageOf(kept, nowMs) < shelfLife(kept.note).freshMs)
    return ok(shown(kept, nowMs, "kept"));
  if (kept === null || kept.note.partial) return computed(env, question, null);
  const found = await versionNow(env, question, kept.note.version);
  if (!found.same || nowMs >= kept.note.untilMs) return computed(env, question, found.version);
  const note = { ...kept.note, version: found.version, checkedAtMs: nowMs };
  keep(question, { note, text: kept.text }, false);
  return ok(shown({ note, text: kept.text }, nowMs, "checked"));
}

/**
 * The version of the numbers, no newer than they are, and whether it is the one known; null when it cannot be said. Objects
 * that have something new say enough: then Postgres is asked once, for the numbers.
 */
async function versionNow(
  env: Env,
  { asked: { merchant }, ranges }: Question,
  known: Note["version"],
): Promise<{ version: Note["version"]; same: boolean }> {
  const objects = known?.allSealed === true ? known.objects : await heldByObjects(env, merchant, ranges);
  if (objects === null) return { version: null, same: false };
  if (known !== null && known.objects !== objects) return { version: { ...known, objects }, same: false };
  const books = await booksOf(env, merchant, ranges);
  if (books === null) return { version: null, same: false };
  const version = { objects, books: books.digest, allSealed: books.allSealed };
  return { version, same: known?.books === books.digest };
}

/** `version`: read before, so that the numbers are no older than it. */
async function computed(env: Env, question: Question, version: Note["version"]): Promise<Shown> {
  const nowMs = Date.now();
  const answer = await answerAsked(env, question.asked, question.askedAtMs);
  if (!answer.ok) return fail(hinted(answer.failure));
  const text = textOf(answer.value, Date.now() - nowMs);
  const partial = answer.value.meta.stale !== null;
  const note: Note = {
    name: await hashOf(`${question.key}\n${text}`),
    version: partial ? null : version,
    checkedAtMs: nowMs,
    partial,
    ...lastingOf(question.ranges, version, nowMs),
  };
  keep(question, { note, text }, true);
  return ok(shown({ note, text }, nowMs, "computed"));
}

/** What it says of the present minute holds for a minute. */
function lastingOf(
  ranges: readonly Range[],
  version: Note["version"],
  nowMs: number,
): Pick<Note, "lasting" | "untilMs"> {
  const endMs = Math.max(...ranges.map(({ toMs }) => toMs));
  const isSettled =
    version === null ? endMs + LATE_MS_MAX + DAY_MS <= nowMs : version.allSealed || version.objects === "";
  const lasting = endMs <= nowMs && isSettled;
  const untilMs = lasting ? nowMs + LASTING.keptMs : (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  return { lasting, untilMs };
}

function keep({ key }: Question, kept: Kept, isNew: boolean): void {
  keepHere(key, kept);
  const { keptMs } = shelfLife(kept.note);
  if (keptMs > 0) waitUntil(keepNear(key, kept, keptMs / 1_000, isNew));
}

const shelfLife = ({ partial, lasting }: Note) => (partial ? PARTIAL : lasting ? LASTING : OPEN);
const ageOf = ({ note }: Kept, nowMs: number): number => nowMs - note.checkedAtMs;

function shown(kept: Kept, nowMs: number, from: ShownAnswer["from"]): ShownAnswer {
  const { freshMs, staleMs } = shelfLife(kept.note);
  const freshForMs = Math.max(0, freshMs - ageOf(kept, nowMs));
  return { text: kept.text, name: kept.note.name, freshForMs, staleForMs: staleMs, lasting: kept.note.lasting, from };
}

function textOf({ results, meta, query }: Answer, tookMs: number): string {
  return JSON.stringify({ results, meta: { ...meta, took_ms: tookMs }, query });
}

/** What is too much for one answer may not be for a job. */
const hinted = (refusal: ReportRefusal): ReportRefusal =>
  refusal.reason === "too_much"
    ? { ...refusal, message: `${refusal.message} Or ask for it as a job: POST /api/v1/jobs.` }
    : refusal;

interface Resolved {
  ranges: Range[];
  /** Everything that the answer depends on, but the numbers. */
  key: string;
}

/** What named ranges come to changes at full minutes only, and finding it takes longer than all else about a kept answer. */
const resolved = { minute: 0, byQuestion: new Map<string, Resolved>() };
const RESOLVED_MAX = 1_000;

function rangesOf(asked: Asked, nowMs: number): Result<Resolved, ReportRefusal> {
  const minute = Math.floor(nowMs / MINUTE_MS);
  if (minute !== resolved.minute || resolved.byQuestion.size >= RESOLVED_MAX) resolved.byQuestion.clear();
  resolved.minute = minute;
  const question = JSON.stringify([asked.query, asked.merchant]);
  const known = resolved.byQuestion.get(question);
  if (known !== undefined) return ok(known);
  const plan = planReport(asked.query, asked.merchant, nowMs);
  if (!plan.ok) return fail({ status: 400, ...plan.failure });
  const ranges = [plan.value.range, plan.value.comparison].filter((range) => range !== null);
  const found = { ranges, key: `${question}${JSON.stringify(ranges)}` };
  resolved.byQuestion.set(question, found);
  return ok(found);
}
