// Law 8 on a whole stack, by the commands that operators use, over a real web server's log and a real shop's month. In the log
// there is a feed fetcher that calls itself Firefox 2: one address, every few hours the same ten articles, never a referrer.
// Treated as a bot it and nothing else leaves the numbers; rolled back, every answer is as before, to the letter. Everything
// is killed while days are being counted, and while they are being switched.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunDifference, RunView, SwitchView } from "../core/replay.ts";
import type { Standing } from "../core/standing.ts";
import { ops, query, send, sql } from "./client.ts";
import { booksOf, command, published } from "./questions.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const LOG = { merchant: "m_log", days: ["2015-05-17", "2015-05-18", "2015-05-19", "2015-05-20"] };
const RETAIL = { merchant: "m_retail", days: 20 };
/** Its lines in the file, by day: `zgrep -c "Firefox/2.0.0.4"`. */
const FETCHED = [20, 18, 10, 17];
const FETCHER = "Firefox/2.0.0.4";
const MS_MAX = 240_000;

interface Started {
  run: RunView;
  difference: RunDifference;
  applied: SwitchView | null;
}

let stack: TestStack;
let before: string;

const npmRunOps = <Printed>(...args: string[]): Promise<Printed> => command<Printed>(stack, "scripts/ops.ts", ...args);
const replay = (merchants: string[], ...args: string[]): Promise<Started> =>
  npmRunOps("replay", "--merchant", ...merchants, "--who", "test", "--limit", "1000", ...args);
const OF_RETAIL = ["--from", "2010-12-01", "--to", "2010-12-31"];
const OF_LOG = ["--from", LOG.days[0]!, "--to", LOG.days.at(-1)!];

beforeAll(async () => {
  stack = await startStack();
  for (const [format, merchant, file] of [
    ["apache", LOG.merchant, "data/apache-access.log.gz"],
    ["retail", RETAIL.merchant, "data/retail-2010-12.csv.gz"],
  ] as const) {
    await command(stack, "scripts/import.ts", format, "--merchant", merchant, "--file", file);
    await published(stack, merchant);
  }
  await until(allSealed, MS_MAX, "The days were not sealed");
  before = await answers();
});
afterAll(() => stack.remove());

async function allSealed(): Promise<boolean> {
  const sealed = await Promise.all(
    [
      { merchant: LOG.merchant, days: LOG.days.length },
      { merchant: RETAIL.merchant, days: RETAIL.days },
    ].map(async ({ merchant, days }) => {
      const { shards } = await npmRunOps<{ shards: { days: { state: string }[] }[] }>("seal", "--merchant", merchant);
      const states = shards.flatMap((shard) => shard.days.map(({ state }) => state));
      return states.length === days && states.every((state) => state === "sealed");
    }),
  );
  return sealed.every(Boolean);
}

/** What reports say of the log, to the letter. */
async function answers(): Promise<string> {
  const metrics = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"];
  const questions = [
    { metrics },
    { metrics, dimensions: ["time:day"] },
    { metrics: ["visits", "pageviews"], dimensions: ["time:hour"] },
    ...["page", "hostname"].map((name) => ({ metrics: ["visitors", "visits", "pageviews"], dimensions: [name] })),
    ...["source", "country", "browser", "browser_version", "os", "utm_source"].map((name) => ({
      metrics,
      dimensions: [name],
    })),
  ];
  const range = [LOG.days[0], LOG.days.at(-1)];
  const ask = async (question: object) =>
    (await query(stack.running(), { merchant: LOG.merchant, date_range: range, ...question })).results;
  return JSON.stringify(await Promise.all(questions.map(ask)));
}

/** By day; all books balance. */
const bots = () =>
  Promise.all(
    LOG.days.map(async (date) => {
      const { balanced, verdicts } = await booksOf(stack, LOG.merchant, date);
      expect(balanced).toBe(true);
      return verdicts["bot"]!;
    }),
  );

const generations = async (merchant: string): Promise<number[]> => {
  const text = "SELECT generation FROM day_book WHERE merchant = $1 ORDER BY date";
  return (await sql<{ generation: number }>(stack.running(), text, [merchant])).map(({ generation }) => generation);
};

test("counted again by the same rules, exactly nothing changes, in the log and in the shop", async () => {
  const same = ["--preview", "--why", "same rules"];
  const { run, difference, applied } = await replay([RETAIL.merchant], ...OF_RETAIL, ...same);
  expect(applied).toBeNull();
  expect(run).toMatchObject({ units: { total: RETAIL.days, done: RETAIL.days, failed: 0 }, preview: true });
  expect(difference).toMatchObject({ changed_days: 0, changed_hours: 0, count: 0, rows: [] });
  const log = await replay([LOG.merchant], ...OF_LOG, ...same);
  expect(log.run.rows).toBe(3_770);
  expect(log.difference).toMatchObject({ days: LOG.days.length, changed_hours: 0, count: 0, rows: [] });
});

test("a crawler in a browser's clothes: look, apply, roll back", async () => {
  const preview = ["--preview", "--treat-as-bot", FETCHER, "--why", "a feed fetcher that calls itself Firefox 2"];
  const { run, difference } = await replay([LOG.merchant], ...OF_LOG, ...preview);
  const change = (measure: string): number => {
    const { before: was, after } = difference.totals.find((total) => total.measure === measure)!;
    return after - was;
  };
  const fetched = FETCHED.reduce((sum, n) => sum + n, 0);
  expect(change("pageviews")).toBe(-fetched);
  expect(change("events")).toBe(-fetched);
  expect(change("visitors")).toBe(-LOG.days.length);
  const inAll = (dimension: string, measure: string) =>
    difference.rows.filter((row) => row.dimension === dimension && row.measure === measure);
  const byDay = inAll("total", "pageviews").map(({ date, before: was, after }) => [date, Number(was) - Number(after)]);
  expect(Object.fromEntries(byDay)).toEqual(Object.fromEntries(LOG.days.map((date, at) => [date, FETCHED[at]])));
  // Nothing but what it did has changed: its articles, its browser, its system, where it says that it came from.
  for (const [dimension, pattern] of [
    ["page", /^\/blog\//],
    ["browser", /^Firefox$/],
    ["browser_version", /^Firefox 2$/],
    ["os", /^Windows$/],
    ["utm_source", /^feedburner$/],
  ] as const) {
    const values = inAll(dimension, dimension === "page" ? "pageviews" : "visits").map(({ value }) => value);
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(value).toMatch(pattern);
  }
  expect(new Set(inAll("page", "pageviews").map(({ value }) => value)).size).toBe(10);
  expect(await answers()).toBe(before);
  const botsBefore = await bots();

  const applied = await npmRunOps("replay", "apply", String(run.id));
  expect(applied).toMatchObject({ state: "applied", switched: 1, refused: [] });
  const after = await answers();
  expect(after).not.toBe(before);
  expect(after).not.toContain('"Firefox 2"');
  expect(await bots()).toEqual(botsBefore.map((n, at) => n + FETCHED[at]!));

  await stack.kill();
  await stack.startAgain();
  expect(await answers()).toBe(after);
  expect(await npmRunOps("replay", "rollback", String(run.id))).toMatchObject({ state: "rolled_back", switched: 1 });
  expect(await answers()).toBe(before);
  expect(await npmRunOps<Standing>("status")).toMatchObject({
    dead_letters: 0,
    days: { open: 0, unproven: 0, stale: 0 },
    runs_under_way: [],
  });
});

test("everything killed while days are being counted, and while they are being switched: the run goes on where it was", async () => {
  const running = replay([RETAIL.merchant], ...OF_RETAIL, "--treat-as-bot", "nobody", "--why", "to be killed");
  let run = 0;
  await until(
    async () => {
      const { runs } = await ops<{ runs: RunView[] }>(stack.running(), "/replays");
      const found = runs.find(({ why }) => why === "to be killed");
      run = found?.id ?? 0;
      return (found?.units.done ?? 0) > 0;
    },
    MS_MAX,
    "No day was counted",
  );
  await stack.kill();
  await stack.startAgain();
  const started = await running;
  expect(started).toMatchObject({
    run: { id: run, units: { done: RETAIL.days, failed: 0 } },
    difference: { count: 0 },
  });
  expect(await generations(RETAIL.merchant)).toEqual(Array.from({ length: RETAIL.days }, () => run));

  // Whenever it is killed, all days are old or all are new, and asking again ends it.
  const back = npmRunOps("replay", "rollback", String(run)).catch(() => null);
  await stack.kill();
  await stack.startAgain();
  await back;
  expect(new Set(await generations(RETAIL.merchant)).size).toBe(1);
  const { state } = await ops<RunView>(stack.running(), `/replays/${run}`);
  if (state !== "rolled_back") await npmRunOps("replay", "rollback", String(run));
  expect(await generations(RETAIL.merchant)).toEqual(Array.from({ length: RETAIL.days }, () => 0));
});

test("the day that is open is looked at as it is, and a run that is applied to it waits for its seal", async () => {
  const [merchant] = stack.running().merchants;
  const date = new Intl.DateTimeFormat("en-CA", { timeZone: merchant!.zone }).format(new Date());
  const events = ["/", "/hats", "/scarfs"].map((page, n) => ({
    id: `today-${n}`,
    name: "pageview",
    url: `https://shop.example${page}`,
    visitor: { ip: "192.0.2.9", user_agent: "Mozilla/5.0 (X11; Linux x86_64) PriceWatch/2.0" },
  }));
  await send(stack.running(), { merchant: merchant!.id, events });
  await published(stack, merchant!.id);
  const today = ["--from", date, "--to", date, "--preview"];
  const same = await replay([merchant!.id], ...today, "--why", "nothing else");
  expect(same).toMatchObject({
    run: { units: { total: 1, open: 1 }, rows: 3 },
    difference: { count: 0, changed_hours: 0 },
  });
  expect(same.run.previews).toMatchObject([{ merchant: merchant!.id, date, shard: 0 }]);
  const { run, difference } = await replay(
    [merchant!.id],
    ...today,
    "--treat-as-bot",
    "PriceWatch",
    "--why",
    "a crawler",
  );
  expect(difference.totals.find(({ measure }) => measure === "pageviews")).toMatchObject({ before: 3, after: 0 });
  expect(await npmRunOps("replay", "apply", String(run.id))).toMatchObject({ state: "applied", switched: 1 });
  expect(await npmRunOps<RunView>("replay", "status", String(run.id))).toMatchObject({
    units: { applied: 1, waiting: 1 },
  });
  const question = { merchant: merchant!.id, date_range: [date, date], metrics: ["pageviews"] };
  expect((await query(stack.running(), question)).results).toMatchObject([{ metrics: [3] }]);
  expect(await npmRunOps("replay", "rollback", String(run.id))).toMatchObject({ state: "rolled_back" });
  expect(await npmRunOps<RunView>("replay", "status", String(run.id))).toMatchObject({
    units: { applied: 0, waiting: 0 },
  });
});
