// Reports are right: some thousand events of two merchants, one where the clocks change and one whose hours begin at a quarter
// past, over several days that are sealed and one that is open. Made-up questions of every kind are asked through the API: each
// is answered with what the oracle counts in the plain list of events, or refused in the way that refusals have.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../scripts/send.ts";
import { ops } from "./client.ts";
import { GARBAGE, spoilt } from "./fuzz-queries.ts";
import { dateOf } from "./oracle-clock.ts";
import { type AnswerRow, answerOf } from "./oracle-answer.ts";
import { type Counted, countedOf, type OracleMerchant } from "./oracle.ts";
import { type Made, questionsOf } from "./oracle-questions.ts";
import { happeningsOf } from "./oracle-world.ts";
import { startStack, type TestStack, until } from "./stack.ts";

/** The clocks of Berlin go back on the 25th; a week begins on the 26th and a month on the 1st. */
const PAST = ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-31", "2026-11-01"];
const SEALED_MS_MAX = 120_000;
const QUESTIONS = 300;

interface Shop extends OracleMerchant {
  id: string;
  /** Of most of the days from UTC. */
  offset: string;
  today: string;
  events: Counted[];
}

let stack: TestStack;
const shops: Shop[] = [
  { id: "m_demo", zone: "Europe/Berlin", currency: "EUR", goals: [], offset: "+01:00", today: "", events: [] },
  { id: "m_kathmandu", zone: "Asia/Kathmandu", currency: "NPR", goals: [], offset: "+05:45", today: "", events: [] },
];

beforeAll(async () => {
  stack = await startStack();
  for (const [n, shop] of shops.entries()) await live(shop, n);
  for (const shop of shops) await until(() => isSealed(shop), SEALED_MS_MAX, "The days were not sealed");
});
afterAll(() => stack.remove());

async function live(shop: Shop, n: number): Promise<void> {
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
  return shards.every(({ days }) => days.every(({ date, state }) => state === "sealed" || date === today));
}

interface Answered {
  status: number;
  text: string;
}

async function post(body: string): Promise<Answered> {
  const { baseUrl, operatorToken } = stack.running();
  const headers = { "content-type": "application/json", authorization: `Bearer ${operatorToken}` };
  const response = await fetch(`${baseUrl}/api/v1/query`, { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
}

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
  expect(results.map(({ label: _, ...row }) => row)).toEqual(expected.map(withRounding));
  return "answered";
}

/** Changes are shown with one decimal. */
function withRounding({ comparison, ...row }: AnswerRow): AnswerRow {
  if (comparison === undefined) return row;
  const change = comparison.change.map((percent) => (percent === null ? null : (expect.closeTo(percent, 1) as number)));
  return { ...row, comparison: { ...comparison, change } };
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

test.each(shops)("made-up questions of $id are answered as the oracle does, or refused", async (shop) => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(questionsOf([...PAST, shop.today], shop.offset), async (question) => {
      if ((await expectRight(shop, question)) === "answered") answered++;
    }),
    { numRuns: QUESTIONS, seed: 4 },
  );
  expect(answered).toBeGreaterThan(QUESTIONS / 5);
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
