import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import { addTo, balanced, type Books } from "../core/books.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ReplayMessage } from "../core/messages.ts";
import type { CountedAs } from "../core/processing.ts";
import type { RunDifference, RunView } from "../core/replay.ts";
import type { Rules } from "../core/rules.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "../workers/env.ts";
import { replayRoutes } from "../workers/replays.ts";
import { forOperator } from "../workers/reports-doubles.ts";
import { reports } from "../workers/reports.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { dropOldGenerations } from "./old-generations.ts";
import { openParquet, r2Source, rowGroupsOf } from "../archive/parquet-reader.ts";
import { ClosedDay, eventsOf, heldReplays, insertMerchant, shopOf } from "./replay-doubles.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const DATES = ["2026-11-20", "2026-11-21"] as const;
const [FROM, TO] = DATES;
const CRAWLER_RULE: Rules = { extraBots: ["pricewatch"] };

/** A merchant with two sealed days, and an API whose messages wait until they are delivered. */
let shops = 0;

/** Another shop each time, so that a test that is tried again does not meet what its first attempt left. */
async function shopWithDays(name: string, people = 12) {
  const merchant = shopOf(`${name}${++shops}`);
  await insertMerchant(bindings, merchant);
  const days = await Promise.all(
    DATES.map(async (date) => {
      const day = new ClosedDay(bindings, merchant, date);
      expect(await day.seal(eventsOf(merchant, date, people))).toMatchObject({ kind: "sealed" });
      return day;
    }),
  );
  return { merchant, days, ...opsOf(merchant) };
}

function opsOf(merchant: Merchant) {
  const { sent, REPLAY_QUEUE } = heldReplays();
  const world = { ...bindings, REPLAY_QUEUE };
  const find = async (_: unknown, id: string) => (id === merchant.id ? merchant : null);
  const app = replayRoutes(find);
  const { deliver, dead } = worldOf(bindings);
  const ask = async (method: string, path: string, body?: object): Promise<{ status: number; is: unknown }> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await app.request(path, init, world);
    return { status: response.status, is: await response.json() };
  };
  const who = { who: "ann" };
  return {
    sent,
    dead,
    ask,
    start: async (over: object = {}): Promise<number> => {
      const request = { merchants: [merchant.id], from: FROM, to: TO, preview: true, why: "a try", ...who, ...over };
      const { status, is } = await ask("POST", "/", request);
      expect({ status, is }).toMatchObject({ status: 202 });
      return (is as RunView).id;
    },
    /** Delivers what waits, whatever comes of it. */
    count: async (attempts = 1) => deliver("replay", sent.splice(0), attempts),
    run: async (id: number) => (await ask("GET", `/${id}`)).is as RunView,
    diff: async (id: number) => (await ask("GET", `/${id}/diff?limit=1000`)).is as RunDifference,
    apply: (id: number) => ask("POST", `/${id}/apply`, who),
    rollBack: (id: number) => ask("POST", `/${id}/rollback`, who),
    cancel: (id: number) => ask("POST", `/${id}/cancel`, who),
    report: (query: object) => reportOf(merchant, query),
  };
}

/** The answer to the letter, but for when it was asked, how long it took, and which generation it names. */
async function reportOf(merchant: Merchant, query: object): Promise<string> {
  const app = forOperator(reports(async () => merchant));
  const body = JSON.stringify({ merchant: merchant.id, date_range: [FROM, TO], ...query });
  const headers = { "cache-control": "max-age=0" };
  const answer = (await (await app.request("/query", { method: "POST", headers, body }, bindings)).json()) as {
    meta: Record<string, unknown>;
  };
  expect(answer).toHaveProperty("results");
  const { took_ms: _, fresh_to: __, complete_to: ___, generations: ____, cost: _____, ...meta } = answer.meta;
  return JSON.stringify({ ...answer, meta });
}

const QUESTIONS = [
  { metrics: ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration", "net_revenue"] },
  { metrics: ["visits", "visitors"], dimensions: ["browser"] },
  { metrics: ["pageviews", "visitors"], dimensions: ["page"] },
  { metrics: ["visits", "pageviews"], dimensions: ["time:hour"] },
];
const answersOf = (merchant: Merchant) => Promise.all(QUESTIONS.map((question) => reportOf(merchant, question)));

interface Book {
  date: string;
  generation: number;
  sealed_seq: number;
  proven: boolean;
  countedAs: CountedAs;
}

const booksOf = async (merchant: string) =>
  (await sql`SELECT date::text, generation, sealed_seq::int, proven, received::float8, accepted::float8,
    duplicate::float8, rejected, verdicts, counted_as AS "countedAs"
    FROM day_book WHERE merchant = ${merchant} ORDER BY date, shard`) as (Books & Book)[];

const rowsOf = async (merchant: string, generation: number) =>
  sql`SELECT to_jsonb(r) - 'generation' - 'seq' AS row FROM hourly_rollups r
    WHERE merchant = ${merchant} AND generation = ${generation} ORDER BY hour, shard`;

test("with unchanged rules the difference is exactly nothing, and applying it changes no answer", async () => {
  const { merchant, start, count, run, diff, apply } = await shopWithDays("m_replaySame");
  const before = await answersOf(merchant);
  const id = await start();
  expect(await run(id)).toMatchObject({ state: "counting", finished_at: null, units: { total: 2, queued: 2 } });
  expect(await count()).toMatchObject({ acked: [0, 1], retried: [] });
  const counted = await run(id);
  expect(counted).toMatchObject({ state: "counting", units: { queued: 0, done: 2, failed: 0, applied: 0 } });
  expect(counted.finished_at).not.toBeNull();
  expect(counted.rows).toBe(eventsOf(merchant, FROM, 12).length + eventsOf(merchant, TO, 12).length);
  const difference = await diff(id);
  expect(difference).toMatchObject({ days: 2, changed_days: 0, changed_hours: 0, count: 0, rows: [] });
  expect(difference.totals.every(({ before: was, after }) => was === after)).toBe(true);
  expect(difference.totals.find(({ measure }) => measure === "pageviews")?.after).toBeGreaterThan(80);
  expect(await rowsOf(merchant.id, id)).toEqual(await rowsOf(merchant.id, 0));

  expect(await apply(id)).toMatchObject({
    status: 200,
    is: { state: "applied", switched: 1, remaining: 0, refused: [] },
  });
  expect(await answersOf(merchant)).toEqual(before);
  for (const book of await booksOf(merchant.id)) {
    expect(balanced(book)).toBe(true);
    expect(book).toMatchObject({ generation: id, proven: true });
  }
});

test("a crawler treated as a bot: only its numbers change; applied, reports follow; rolled back, they are as before", async () => {
  const { merchant, start, count, run, diff, apply, rollBack } = await shopWithDays("m_replayCrawler");
  const before = await answersOf(merchant);
  const booksBefore = await booksOf(merchant.id);
  const id = await start({ rules: CRAWLER_RULE, why: "PriceWatch is a crawler" });
  await count();
  const difference = await diff(id);
  const total = (name: string) => difference.totals.find(({ measure }) => measure === name)!;
  // 40 pageviews a day by three visitors; ten minutes apart, each comes back within the half hour.
  expect(total("pageviews").before - total("pageviews").after).toBe(80);
  expect(total("visitors").before - total("visitors").after).toBe(6);
  expect(total("visits").before - total("visits").after).toBe(6);
  expect(total("gross")).toMatchObject({ before: total("gross").after });
  expect(difference).toMatchObject({ days: 2, changed_days: 2 });
  expect(difference.changed_hours).toBeGreaterThan(0);
  const dimensionOf = (name: string) => difference.rows.filter(({ dimension }) => dimension === name);
  expect(dimensionOf("country").map(({ value }) => value)).toEqual(dimensionOf("country").map(() => "(not set)"));
  for (const { value } of dimensionOf("page")) expect(value).toMatch(/^\/page\/[0-6]$/);
  // Nobody sees anything yet.
  expect(await answersOf(merchant)).toEqual(before);

  expect((await apply(id)).status).toBe(200);
  expect(await answersOf(merchant)).not.toEqual(before);
  const [pageviews] = JSON.parse(await reportOf(merchant, { metrics: ["pageviews"] })).results[0].metrics;
  expect(pageviews).toBe(total("pageviews").after);
  for (const [at, book] of (await booksOf(merchant.id)).entries()) {
    const { verdicts, countedAs } = book;
    expect(balanced(book)).toBe(true);
    expect(verdicts["bot"]).toBe((booksBefore[at]!.verdicts["bot"] ?? 0) + 40);
    expect(countedAs).toMatchObject({ rules: CRAWLER_RULE, merchant: { zone: "Europe/Berlin" } });
  }
  const [audited] = await sql`SELECT who, subject FROM audit_log WHERE merchant = ${merchant.id}`;
  expect(audited).toMatchObject({
    who: "ann",
    subject: {
      run: id,
      why: "PriceWatch is a crawler",
      processing: { rules: CRAWLER_RULE },
      totals: { pageviews: [total("pageviews").before, total("pageviews").after] },
    },
  });

  expect(await rollBack(id)).toMatchObject({ status: 200, is: { state: "rolled_back", switched: 1, remaining: 0 } });
  expect(await answersOf(merchant)).toEqual(before);
  expect(await booksOf(merchant.id)).toEqual(booksBefore);
  expect(await run(id)).toMatchObject({ state: "rolled_back", units: { applied: 0 } });
  // And forward again.
  expect(await apply(id)).toMatchObject({ status: 200, is: { state: "applied" } });
});

test("the derived file of a run holds each event with what the rules made of it", async () => {
  const { merchant, start, count } = await shopWithDays("m_replayDerived");
  const id = await start({ rules: CRAWLER_RULE });
  await count();
  const verdictsIn = async (generation: number) => {
    const source = await r2Source(bindings.ARCHIVE, derivedFileKey(merchant.id, FROM, 0, generation));
    const verdicts: Record<string, number> = {};
    for await (const { columns } of rowGroupsOf(await openParquet(source), [{ name: "verdict", type: "text" }]))
      for (const verdict of Array.from(columns[0]!)) addTo(verdicts, String(verdict));
    return verdicts;
  };
  const [{ bot = 0, counted = 0, ...rest }, after] = [await verdictsIn(0), await verdictsIn(id)];
  expect(after).toEqual({ ...rest, bot: bot + 40, counted: counted - 40 });
});

test("shards are counted each for itself and switch together", async () => {
  const merchant = shopOf("m_replayShards", 2);
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards) VALUES (${merchant.id}, 'Shop', ${merchant.zone}, 'EUR', '{}', 2)`;
  const events = eventsOf(merchant, FROM, 12);
  const shardOf = ({ visitor }: Event): number => Number.parseInt(visitor.at(-1)!, 16) % 2;
  for (const shard of [0, 1]) {
    const day = new ClosedDay(bindings, merchant, FROM, shard);
    await day.seal(events.filter((event) => shardOf(event) === shard));
  }
  const { start, count, diff, apply, sent } = opsOf(merchant);
  const id = await start({ rules: CRAWLER_RULE, to: FROM });
  expect(sent.map(({ shard }) => shard)).toEqual([0, 1]);
  await count();
  const { days, totals, rows } = await diff(id);
  expect(days).toBe(1);
  const pageviews = totals.find(({ measure }) => measure === "pageviews")!;
  expect(pageviews.before - pageviews.after).toBe(40);
  const whole = rows.find(({ dimension, measure }) => dimension === "total" && measure === "pageviews");
  expect(whole).toMatchObject({ merchant: merchant.id, date: FROM, before: pageviews.before, after: pageviews.after });
  // One of the two days is sealed again: neither switches.
  const late = new ClosedDay(bindings, merchant, FROM, 1);
  late.seq = 10_000;
  await late.late([{ ...events.find((event) => shardOf(event) === 1)!, id: "late" }]);
  await sql`UPDATE day_book SET sealed_seq = 10001 WHERE merchant = ${merchant.id} AND shard = 1`;
  expect(await apply(id)).toMatchObject({ status: 409, is: { refused: [{ days: [{ date: FROM, shard: 1 }] }] } });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: 0 }, { generation: 0 }]);
});

test("a day that was counted wrongly and therefore could not be sealed: counted again it is right, proven and sealed", async () => {
  const merchant = shopOf("m_replayBroken");
  await sql`INSERT INTO merchants (id, name, zone, currency, domains) VALUES (${merchant.id}, 'Shop', ${merchant.zone}, 'EUR', '{}')`;
  const day = new ClosedDay(bindings, merchant, FROM);
  const events = eventsOf(merchant, FROM, 12);
  const doubled = (event: Event): Event =>
    event.name === "pageview" ? { ...event, url: "https://shop.example/" } : event;
  expect(await day.seal(events, doubled)).toEqual({ kind: "unproven" });
  const { start, count, diff, apply, rollBack } = opsOf(merchant);
  const id = await start({ to: FROM, why: "every page was the front page" });
  await count();
  const { count: differing, rows } = await diff(id);
  expect(differing).toBeGreaterThan(10);
  const dimensions = new Set(rows.map(({ dimension }) => dimension));
  expect([...dimensions]).toEqual(expect.arrayContaining(["page", "entry_page", "utm_source"]));
  for (const same of ["total", "country", "browser", "event", "product"]) expect(dimensions).not.toContain(same);
  expect(await apply(id)).toMatchObject({ status: 200 });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: id, proven: true, sealed_seq: day.seq }]);
  // The object, which still asks, is told; the chunks that the raw file holds are gone.
  expect(await day.askForSeal()).toEqual({ kind: "sealed", seq: day.seq });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: id, proven: true }]);
  expect(await rollBack(id)).toMatchObject({ status: 200 });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: 0, proven: false }]);
});

test("a day that is sealed again under a running replay is refused, counted once more, and then applied: no event is lost", async () => {
  const { merchant, days, start, count, sent, run, apply } = await shopWithDays("m_replayMoved");
  const id = await start({ rules: CRAWLER_RULE });
  await count();
  const late = eventsOf(merchant, FROM, 3).slice(0, 5);
  expect(await days[0]!.sealLate(late.map((event) => ({ ...event, id: `late-${event.id}` })))).toMatchObject({
    kind: "sealed",
  });
  const [resealed] = await booksOf(merchant.id);
  const answers = await answersOf(merchant);

  expect(await apply(id)).toMatchObject({
    status: 409,
    is: { switched: 0, refused: [{ merchant: merchant.id, reason: "changed", days: [{ date: FROM, shard: 0 }] }] },
  });
  // All or nothing: the other day has not been switched either, and the first is counted again.
  expect(await answersOf(merchant)).toEqual(answers);
  expect(sent.map(({ date }) => date)).toEqual([FROM]);
  expect(await run(id)).toMatchObject({ state: "counting", finished_at: null, units: { queued: 1, done: 1 } });
  expect(await apply(id)).toMatchObject({ status: 409, is: { refused: [{ reason: "unfinished" }] } });
  await count();
  expect(await apply(id)).toMatchObject({ status: 200, is: { state: "applied" } });
  const [book] = await booksOf(merchant.id);
  expect(book).toMatchObject({ generation: id, accepted: resealed!.accepted, sealed_seq: resealed!.sealed_seq });
  expect(balanced(book!)).toBe(true);
});

test("events that come late after a unit was counted stay late in the books until their seal", async () => {
  const { merchant, days, start, count, apply, rollBack } = await shopWithDays("m_replayLate");
  const id = await start({ rules: CRAWLER_RULE });
  await count();
  const [before] = await booksOf(merchant.id);
  await days[0]!.late([{ ...eventsOf(merchant, FROM, 3)[0]!, id: "late" }]);
  await apply(id);
  const [applied] = await booksOf(merchant.id);
  expect(applied).toMatchObject({ generation: id, accepted: before!.accepted + 1, verdicts: { late: 1 } });
  expect(balanced(applied!)).toBe(true);
  await rollBack(id);
  const [back] = await booksOf(merchant.id);
  expect(back!.verdicts).toEqual({ ...before!.verdicts, late: 1 });
});

test("rolling back leaves a day that was sealed again since; a later run over it is rolled back first", async () => {
  const { merchant, days, start, count, apply, rollBack } = await shopWithDays("m_replayLater");
  const first = await start();
  await count();
  await apply(first);
  const second = await start();
  await count();
  await apply(second);
  expect(await rollBack(first)).toMatchObject({ status: 409, is: { refused: [{ reason: "moved_on" }] } });
  expect(await rollBack(second)).toMatchObject({ status: 200 });
  await days[1]!.sealLate([{ ...eventsOf(merchant, TO, 3)[0]!, id: "late" }]);
  const [, resealed] = await booksOf(merchant.id);
  expect(await rollBack(first)).toMatchObject({ status: 200, is: { state: "rolled_back" } });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: 0 }, { generation: resealed!.generation }]);
});

test("rules in what a seal has counted since are not rolled back by half", async () => {
  const { merchant, days, start, count, apply, rollBack } = await shopWithDays("m_replayHalf");
  const id = await start({ rules: CRAWLER_RULE });
  await count();
  await apply(id);
  await days[1]!.sealLate([{ ...eventsOf(merchant, TO, 3)[0]!, id: "late" }]);
  const books = await booksOf(merchant.id);
  expect(books[1]!.countedAs.rules).toEqual(CRAWLER_RULE);
  expect(await rollBack(id)).toMatchObject({
    status: 409,
    is: { state: "applying", refused: [{ reason: "moved_on", days: [{ date: TO }] }] },
  });
  expect(await booksOf(merchant.id)).toEqual(books);
  const without = await start({ rules: {}, why: "PriceWatch was a person after all" });
  await count();
  expect(await apply(without)).toMatchObject({ status: 200 });
  for (const { verdicts } of await booksOf(merchant.id)) expect(verdicts).not.toHaveProperty("late");
});

test("a month later nothing is left of generations that nobody sees; what a younger run may return to stays", async () => {
  const { merchant, start, count, apply, rollBack, run } = await shopWithDays("m_replayOld");
  const generations = async () => {
    const rows = await sql`
      SELECT DISTINCT generation FROM hourly_rollups WHERE merchant = ${merchant.id} UNION
      SELECT generation FROM daily_rollups WHERE merchant = ${merchant.id} ORDER BY 1`;
    const kept = rows.map(({ generation }) => generation as number);
    const files = [0, ...runs].map((generation) => derivedFileKey(merchant.id, FROM, 0, generation));
    const heads = await Promise.all(files.map((key) => bindings.ARCHIVE.head(key)));
    expect([0, ...runs].filter((_, at) => heads[at] !== null)).toEqual(kept);
    return kept;
  };
  const runs: number[] = [];
  for (const rules of [CRAWLER_RULE, { extraBots: ["firefox"] }, { extraBots: [] }]) {
    runs.push(await start({ rules }));
    await count();
  }
  const [first, second, third] = runs as [number, number, number];
  await apply(first);
  const again = await start({ rules: { extraBots: ["firefox"] } });
  runs.push(again);
  await count();
  await apply(again);
  expect(await generations()).toEqual([0, ...runs]);
  const month = 31 * 86_400_000;
  await sql`UPDATE replay_runs SET created_at = now() - interval '40 days', applied_at = applied_at - interval '40 days'
    WHERE id IN (${first}, ${second})`;
  await dropOldGenerations(bindings, Date.now());
  // The young third run, though never applied, was compared with 0.
  expect(await generations()).toEqual([0, first, third, again]);
  expect(await run(second)).toMatchObject({ state: "cancelled" });
  await dropOldGenerations(bindings, Date.now() + month);
  expect(await generations()).toEqual([again]);
  expect(await run(again)).toMatchObject({ state: "applied" });
  expect((await rollBack(again)).status).toBe(409);
  expect(await dropOldGenerations(bindings, Date.now() + month)).toBe(0);
});

test("a unit that was interrupted anywhere is repeated, with the same end; one that is done is not counted again", async () => {
  const { merchant, start, count, sent, run } = await shopWithDays("m_replayKilled");
  const whole = await start({ rules: CRAWLER_RULE });
  await count();
  const expected = await rowsOf(merchant.id, whole);
  const id = await start({ rules: CRAWLER_RULE });
  const messages = [...sent];
  // Every call to Postgres fails once: the attempt ends there, and the message comes again.
  const real = globalThis.fetch;
  let failing = 1;
  for (; failing < 40; failing++) {
    let calls = 0;
    globalThis.fetch = (...args: Parameters<typeof fetch>) =>
      ++calls === failing ? Promise.reject(new Error("connection lost")) : real(...args);
    sent.splice(0, Infinity, messages[0]!);
    const { acked } = await count().finally(() => (globalThis.fetch = real));
    await sql`UPDATE replay_units SET attempts = 0 WHERE run = ${id}`;
    if (acked.length > 0) break;
  }
  expect(failing).toBeGreaterThan(4);
  expect(await run(id)).toMatchObject({ units: { done: 1, queued: 1 }, failures: [] });
  sent.splice(0, Infinity, ...messages);
  await count();
  expect(await rowsOf(merchant.id, id)).toEqual(expected);
  expect(await run(id)).toMatchObject({ units: { done: 2 } });
  const [{ claim } = {}] = await sql`SELECT sum(claim)::int AS claim FROM replay_units WHERE run = ${id}`;
  sent.splice(0, Infinity, ...messages);
  expect(await count()).toMatchObject({ acked: [0, 1] });
  expect(await sql`SELECT sum(claim)::int AS claim FROM replay_units WHERE run = ${id}`).toEqual([{ claim }]);
});

test("an attempt that a later one has overtaken writes nothing any more, neither does one of a cancelled run", async () => {
  const { merchant, start, count, sent, run } = await shopWithDays("m_replayOvertaken");
  for (const overtake of [
    (id: number) => sql`UPDATE replay_units SET claim = claim + 1 WHERE run = ${id}`,
    (id: number) => sql`UPDATE replay_runs SET state = 'cancelled' WHERE id = ${id}`,
  ]) {
    const id = await start();
    sent.pop();
    const real = globalThis.fetch;
    let overtaken = false;
    globalThis.fetch = async (...args: Parameters<typeof fetch>) => {
      const isWrite = typeof args[1]?.body === "string" && args[1].body.includes("INSERT INTO hourly_rollups");
      if (isWrite && !overtaken) {
        overtaken = true;
        await overtake(id);
      }
      return real(...args);
    };
    expect(await count().finally(() => (globalThis.fetch = real))).toMatchObject({ acked: [0], retried: [] });
    expect(overtaken).toBe(true);
    expect(await rowsOf(merchant.id, id)).toEqual([]);
    expect(await run(id)).toMatchObject({ units: { queued: 2, done: 0, failed: 0 } });
  }
});

test("a day whose raw file cannot be read becomes a dead letter; the run goes on, and is applied when it has been repaired", async () => {
  const { merchant, days, start, count, sent, dead, run, apply } = await shopWithDays("m_replayPoison");
  const key = rawFileKey(merchant.id, FROM, 0, days[0]!.seq);
  const bytes = await (await bindings.ARCHIVE.get(key))!.arrayBuffer();
  await bindings.ARCHIVE.put(key, bytes.slice(0, bytes.byteLength - 40));
  const id = await start();
  expect(await count()).toMatchObject({ acked: [0, 1] });
  expect(await run(id)).toMatchObject({
    units: { done: 1, failed: 1 },
    failures: [{ date: FROM, error: expect.stringContaining(key) as string }],
  });
  expect(dead.sent).toMatchObject([{ queue: "replay", message: { run: id, date: FROM } }]);
  expect(await apply(id)).toMatchObject({
    status: 409,
    is: { refused: [{ reason: "failed", days: [{ date: FROM }] }] },
  });
  await bindings.ARCHIVE.put(key, bytes);
  sent.push((dead.sent[0] as { message: ReplayMessage }).message);
  await count();
  expect(await apply(id)).toMatchObject({ status: 200, is: { state: "applied" } });
});

test("attempts that end without a word are counted: after some the unit has failed", async () => {
  const { start, count, sent, dead, run } = await shopWithDays("m_replayMute");
  const id = await start();
  await sql`UPDATE replay_units SET attempts = 6 WHERE run = ${id} AND date = ${FROM}`;
  await count();
  expect(await run(id)).toMatchObject({ units: { done: 1, failed: 1 }, failures: [{ date: FROM }] });
  expect(dead.sent).toHaveLength(1);
  sent.push((dead.sent[0] as { message: ReplayMessage }).message);
  await count();
  expect(await run(id)).toMatchObject({ units: { done: 2, failed: 0 } });
});

test("a run is not continued by other code than began it", async () => {
  const { start, count, run } = await shopWithDays("m_replayDeployed");
  const id = await start();
  await sql`UPDATE replay_runs SET processing = (processing::jsonb || '{"version":0}')::json WHERE id = ${id}`;
  await count();
  expect(await run(id)).toMatchObject({
    units: { failed: 2 },
    failures: [{ error: expect.stringContaining("code") as string }, {}],
  });
});

test("a cancelled run is counted no further and cannot be applied", async () => {
  const { merchant, start, count, cancel, apply, run } = await shopWithDays("m_replayCancelled");
  const id = await start();
  expect(await cancel(id)).toMatchObject({ status: 200, is: { state: "cancelled" } });
  // A unit may be asked for more than once: whatever is asked for is done with.
  expect(await count()).toMatchObject({ retried: [] });
  expect(await rowsOf(merchant.id, id)).toEqual([]);
  expect(await run(id)).toMatchObject({ state: "cancelled", units: { queued: 2 } });
  expect((await apply(id)).status).toBe(409);
  expect((await cancel(id)).status).toBe(409);
});

test("a message that is none is buried", async () => {
  const { deliver, dead } = worldOf(bindings);
  expect(await deliver("replay", [{ kind: "replay" }, "?"])).toEqual({ acked: [0, 1], retried: [] });
  expect(dead.sent).toHaveLength(2);
});

test("messages that were lost are sent again once the run has stood still", async () => {
  const { start, sent, ask, count, run } = await shopWithDays("m_replayLost");
  const id = await start();
  expect(sent.splice(0)).toHaveLength(2);
  await sql`UPDATE replay_units SET sent_at = now() - interval '1 minute' WHERE run = ${id}`;
  await sql`UPDATE replay_runs SET progress_at = now() + interval '1 minute' WHERE id = ${id}`;
  expect(await ask("POST", `/${id}/resume`)).toMatchObject({ is: { sent: 0 } });
  await sql`UPDATE replay_runs SET progress_at = now() - interval '1 minute' WHERE id = ${id}`;
  expect(await ask("POST", `/${id}/resume`)).toMatchObject({ is: { sent: 2 } });
  await count();
  expect(await run(id)).toMatchObject({ units: { done: 2 } });
});
