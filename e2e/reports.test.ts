// Reports are right: some thousand events of two merchants, one where the clocks change and one whose hours begin at a quarter
// past, over several days that are sealed and one that is open. Made-up questions of every kind are asked through the API: each
// is answered with what the oracle counts in the plain list of events, or refused in the way that refusals have.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Group, groupOf, METRIC_NAMES, METRICS } from "../core/metrics.ts";
import { DIMENSIONS } from "../core/rollup.ts";
import { send } from "../scripts/send.ts";
import { ops, sql } from "./client.ts";
import { GARBAGE, spoilt } from "./fuzz-queries.ts";
import { dateOf } from "./oracle-clock.ts";
import { type AnswerRow, answerOf } from "./oracle-answer.ts";
import { type Counted, countedOf, type OracleMerchant } from "./oracle.ts";
import { funnelsOf, visitsByStep } from "./oracle-funnel.ts";
import { type Made, questionsOf, rangesOf } from "./oracle-questions.ts";
import { happeningsOf } from "./oracle-world.ts";
import { startStack, type TestStack, until } from "./stack.ts";

/** The clocks of Berlin go back on the 25th; a week begins on the 26th and a month on the 1st. */
const PAST = ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-31", "2026-11-01"];
const SEALED_MS_MAX = 120_000;
const QUESTIONS = 200;
const FUNNELS = 100;

interface Shop extends OracleMerchant {
  id: string;
  /** Of most of the days from UTC. */
  offset: string;
  today: string;
  events: Counted[];
}

let stack: TestStack;
const goals = [
  { name: "Bought", match: { kind: "event", event: "purchase" } },
  { name: "Looked", match: { kind: "event", event: "view_item" } },
  { name: "Blog", match: { kind: "page", pattern: "/blog/*" } },
  { name: "Home", match: { kind: "page", pattern: "/" } },
] as const;
const shops: Shop[] = [
  { id: "m_demo", zone: "Europe/Berlin", currency: "EUR", goals, offset: "+01:00", today: "", events: [] },
  { id: "m_kathmandu", zone: "Asia/Kathmandu", currency: "NPR", goals, offset: "+05:45", today: "", events: [] },
];

beforeAll(async () => {
  stack = await startStack();
  for (const [n, shop] of shops.entries()) await live(shop, n);
  for (const shop of shops) await until(() => isSealed(shop), SEALED_MS_MAX, "The days were not sealed");
});
afterAll(() => stack.remove());

async function live(shop: Shop, n: number): Promise<void> {
  await sql(stack.running(), "INSERT INTO rules_versions (merchant, version, rules, who) VALUES ($1, 1, $2, 'test')", [
    shop.id,
    JSON.stringify({ extraBots: [], goals }),
  ]);
  const untilMs = Date.now();
  shop.today = dateOf(shop.zone, untilMs);
  const dates = [...PAST, shop.today];
  const happenings = happeningsOf({ ...shop, dates, untilMs, visitsPerDay: 60, seed: 11 + n });
  const { baseUrl, ingestToken } = stack.running();
  const sent = happenings.map((happening) => happening.sent);
  const outcome = await send({ url: baseUrl, ingestToken, merchant: shop.id }, [sent]);
  expect(outcome.rejected).toEqual({});
  shop.events = countedOf(happenings, shop);
}

/** All days but today. */
async function isSealed({ id, today }: Shop): Promise<boolean> {
  const { shards } = await ops<{ shards: { days: { date: string; state: string }[] }[] }>(
    stack.running(),
    `/merchants/${id}/seal`,
    "POST",
  );
  const over = shards.flatMap(({ days }) => days).filter(({ date }) => date !== today);
  return over.length === PAST.length && over.every(({ state }) => state === "sealed");
}

interface Answered {
  status: number;
  text: string;
}

async function post(body: string, about = "query"): Promise<Answered> {
  const { baseUrl, operatorToken } = stack.running();
  const headers = { "content-type": "application/json", authorization: `Bearer ${operatorToken}` };
  try {
    const response = await fetch(`${baseUrl}/api/v1/${about}`, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // What is far too long is answered before it is read, and then there may be nobody to take the rest.
    const { code } = (error as Error).cause as { code?: string };
    if (body.length > 1_000_000 && (code === "ECONNRESET" || code === "EPIPE")) return TOO_LONG;
    throw error;
  }
}

const TOO_LONG: Answered = {
  status: 413,
  text: '{"error":{"pointer":"#","reason":"too_large","message":"The connection was closed."}}',
};

interface Body {
  results: (AnswerRow & { label?: string })[];
}

async function expectRight(shop: Shop, question: Made): Promise<"answered" | "refused"> {
  const { status, text } = await post(JSON.stringify({ merchant: shop.id, ...question }));
  if (status !== 200) {
    expectRefusal(status, text);
    return "refused";
  }
  const { results } = JSON.parse(text) as Body;
  const expected = answerOf(shop.events, question, shop);
  expect(results.map(({ label: _, ...row }, n) => withChange(row, expected[n]))).toEqual(expected);
  return "answered";
}

/** Changes are shown with one decimal: those that are as close as that are taken for what was expected. */
function withChange(row: AnswerRow, expected: AnswerRow | undefined): AnswerRow {
  if (row.comparison === undefined) return row;
  const exact = expected?.comparison?.change ?? [];
  const change = row.comparison.change.map((shown, n) => {
    const percent = exact[n] ?? null;
    return shown !== null && percent !== null && Math.abs(shown - percent) < 0.050_001 ? percent : shown;
  });
  return { ...row, comparison: { ...row.comparison, change } };
}

function expectRefusal(status: number, text: string): void {
  expect([400, 404, 413], text).toContain(status);
  const { error } = JSON.parse(text) as { error: Record<string, unknown> };
  expect(error).toEqual({
    pointer: expect.stringMatching(/^#(\/|$)/) as string,
    reason: expect.stringMatching(/^[a-z_]+$/) as string,
    message: expect.stringMatching(/\.$/) as string,
  });
}

test("made-up questions are answered as the oracle does, or refused", async () => {
  for (const shop of shops) {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(questionsOf([...PAST, shop.today], shop.offset), async (question) => {
        if ((await expectRight(shop, question)) === "answered") answered++;
      }),
      { numRuns: QUESTIONS, seed: 4 },
    );
    expect(answered).toBeGreaterThan((3 / 4) * QUESTIONS);
  }
});

test("made-up funnels: as many visits come as far as the oracle counts", async () => {
  for (const shop of shops) {
    let through = 0;
    await fc.assert(
      fc.asyncProperty(funnelsOf(rangesOf([...PAST, shop.today], shop.offset)), async (funnel) => {
        const { status, text } = await post(JSON.stringify({ merchant: shop.id, ...funnel }), "funnel");
        if (status !== 200) return expectRefusal(status, text);
        const { results } = JSON.parse(text) as { results: { visits: number }[] };
        const visits = results.map((row) => row.visits);
        expect(visits).toEqual(visitsByStep(shop.events, funnel, shop));
        if (visits[1]! > 0) through++;
      }),
      { numRuns: FUNNELS, seed: 6 },
    );
    expect(through).toBeGreaterThan(FUNNELS / 4);
  }
});

const metricsBy = (group: Group): string[] => METRIC_NAMES.filter((metric) => METRICS[metric].groups.includes(group));
/** True of every event, and nothing that rollups know of. */
const ALL = [["not", ["is", "event:props:nothing", ["something"]]]];

interface Sourced extends Body {
  meta: { source: { kind: string } };
}

test.each([
  { group: "whole", dimensions: [] },
  ...["time:hour", "time:day", "time:week", "time:month"].map((time) => ({ group: "whole", dimensions: [time] })),
  { group: "minute", dimensions: ["time:minute"] },
  ...DIMENSIONS.map((dimension) => ({ group: groupOf(dimension), dimensions: [dimension] })),
])("every metric by $dimensions is the same from rollups and from single events", async ({ group, dimensions }) => {
  for (const shop of shops) {
    const last = group === "minute" ? PAST[1] : shop.today;
    const question = { metrics: metricsBy(group as Group), date_range: [PAST[0]!, last], dimensions };
    const ask = async (more: object): Promise<Sourced> => {
      const { status, text } = await post(JSON.stringify({ merchant: shop.id, ...question, ...more }));
      expect(status, text).toBe(200);
      return JSON.parse(text) as Sourced;
    };
    const kept = await ask({});
    const scanned = await ask({ filters: ALL });
    expect([kept.meta.source.kind, scanned.meta.source.kind]).toEqual(["rollup", "scan"]);
    expect(scanned.results).toEqual(kept.results);
    expect(kept.results.length).toBeGreaterThan(0);
  }
});

const textOf = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

test.each(GARBAGE)("garbage: %s", async (_, body, refused) => {
  const { status, text } = await post(textOf(body));
  if (refused || status !== 200) expectRefusal(status, text);
});

test("questions in which something is anything are answered, or refused as is fit", async () => {
  await fc.assert(
    fc.asyncProperty(spoilt(questionsOf(PAST, "+01:00")), async (body) => {
      const { status, text } = await post(textOf(body));
      if (status !== 200) expectRefusal(status, text);
    }),
    { numRuns: 2 * QUESTIONS, seed: 5 },
  );
});
