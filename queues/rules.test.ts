// What it is all for: rules are changed, looked at over the past, applied to it and taken back, with real R2 and Postgres.

import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { balanced, type Books } from "../core/books.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { CountedAs } from "../core/processing.ts";
import type { RunDifference, RunView } from "../core/replay.ts";
import type { Rules } from "../core/rules.ts";
import { database } from "../migrations/database.ts";
import type { Guarded } from "../workers/access.ts";
import { goalRoutes } from "../workers/goals.ts";
import type { Env } from "../workers/env.ts";
import { forOperator } from "../workers/reports-doubles.ts";
import { rulesRoutes } from "../workers/rules.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { ClosedDay, eventsOf, heldReplays, insertMerchant, shopOf } from "./replay-doubles.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const DATES = ["2026-11-20", "2026-11-21"] as const;
const [FROM, TO] = DATES;

interface Answer<Is> {
  status: number;
  is: Is;
}

/** Sealed days of a merchant, whose rules are the API's, and whose previews wait until they are counted. */
async function shop(id: string, rules?: Rules) {
  const merchant: Merchant = { ...shopOf(id), ...(rules === undefined ? {} : { rules }) };
  await insertMerchant(bindings, merchant);
  const days: ClosedDay[] = [];
  for (const date of DATES) {
    const day = new ClosedDay(bindings, merchant, date);
    expect(await day.seal(eventsOf(merchant, date, 12))).toMatchObject({ kind: "sealed" });
    days.push(day);
  }
  return { merchant, days, ...apiOf(merchant) };
}

function apiOf(merchant: Merchant) {
  const { sent, REPLAY_QUEUE } = heldReplays();
  const world = { ...bindings, REPLAY_QUEUE };
  const find = async (_: unknown, id: string) => (id === merchant.id ? merchant : null);
  const routes = new Hono<{ Bindings: Env; Variables: Guarded }>();
  routes.route("/", rulesRoutes(find));
  routes.route("/", goalRoutes(find));
  const app = forOperator(routes);
  const { deliver } = worldOf(bindings);
  const ask = async <Is = unknown>(method: string, path: string, body?: object): Promise<Answer<Is>> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await app.request(`/${merchant.id}${path}`, init, world);
    return { status: response.status, is: await response.json<Is>() };
  };
  return {
    ask,
    save: (rules: object, version: number) => ask("PUT", "/rules", { rules, version, who: "ann" }),
    /** Counts both days by the rules, or by those that are saved, and says what would change. */
    preview: async (rules?: object) => {
      const request = { from: FROM, to: TO, who: "ann", ...(rules === undefined ? {} : { rules }) };
      const { status, is: run } = await ask<RunView>("POST", "/rules/preview", request);
      expect({ status, run }).toMatchObject({ status: 202 });
      expect(await deliver("replay", sent.splice(0))).toMatchObject({ retried: [] });
      const { is: difference } = await ask<RunDifference>("GET", `/rules/runs/${run.id}/diff?limit=10000`);
      return { id: run.id, difference };
    },
    apply: (id: number) => ask("POST", `/rules/runs/${id}/apply`, { who: "ann" }),
    rollBack: (id: number) => ask("POST", `/rules/runs/${id}/rollback`, {}),
  };
}

const booksOf = async (merchant: string) =>
  (await sql`SELECT generation, received::float8, accepted::float8, duplicate::float8, rejected, verdicts,
    counted_as AS "countedAs" FROM day_book WHERE merchant = ${merchant} ORDER BY date`) as (Books & {
    generation: number;
    countedAs: CountedAs;
  })[];

/** How much less there would be of each total that differs. */
const lessOf = ({ totals }: RunDifference) =>
  Object.fromEntries(
    totals
      .filter(({ before, after }) => before !== after)
      .map(({ measure, before, after }) => [measure, before - after]),
  );

const dimensionsOf = ({ rows }: RunDifference) => [...new Set(rows.map(({ dimension }) => dimension))].toSorted();

const all = (merchant: Merchant): Event[] => DATES.flatMap((date) => eventsOf(merchant, date, 12));
const isCrawler = ({ user_agent }: Event): boolean => user_agent?.includes("PriceWatch") === true;

test("a page excluded, a crawler a bot, a channel of one's own: looked at, applied, taken back, and the books balance all along", async () => {
  const { merchant, save, preview, apply, rollBack } = await shop("m_rulesCase");
  const before = await booksOf(merchant.id);
  const events = all(merchant);
  const people = events.filter((event) => !/Googlebot/.test(event.user_agent ?? ""));

  // A page: what is lost is what happened on it.
  const page = await preview({ excludedPages: ["/page/1"] });
  const onPage = people.filter(({ url }) => new URL(url ?? "https://x").pathname === "/page/1");
  expect(onPage.length).toBeGreaterThan(3);
  expect(lessOf(page.difference)).toMatchObject({
    pageviews: onPage.filter(({ name }) => name === "pageview").length,
  });
  const pages = page.difference.rows.filter(
    ({ dimension, measure }) => dimension === "page" && measure === "pageviews",
  );
  expect([...new Set(pages.map(({ value }) => value))]).toEqual(["/page/1"]);

  // A crawler: its pageviews, and nobody else's.
  const crawler = await preview({ extraBots: ["pricewatch"] });
  expect(lessOf(crawler.difference)).toMatchObject({ pageviews: 80, events: 80, visits: 6, visitors: 6 });
  const gross = crawler.difference.totals.find(({ measure }) => measure === "gross");
  expect(gross?.before).toBe(gross?.after);

  // A channel: no total changes, and of all dimensions only the channel.
  const channel = await preview({ channels: [{ channel: "Letters", campaign: "november" }] });
  expect(lessOf(channel.difference)).toEqual({});
  expect(dimensionsOf(channel.difference)).toEqual(["channel"]);
  const moved = channel.difference.rows.filter(({ measure }) => measure === "visits");
  expect([...new Set(moved.map(({ value }) => value))].toSorted()).toEqual(["Email", "Letters"]);
  for (const { date, value, before: was, after } of moved.filter((row) => row.value === "Letters")) {
    const email = moved.find((row) => row.date === date && row.value === "Email")!;
    expect([value, was]).toEqual(["Letters", null]);
    expect(after).toBe(Number(email.before) - Number(email.after ?? 0));
  }
  // Nobody has seen anything of it.
  expect(await booksOf(merchant.id)).toEqual(before);

  // Saved, the three of them hold from tomorrow on, and a run by what is saved takes them to the past.
  const rules = {
    excludedPages: ["/page/1"],
    extraBots: ["pricewatch"],
    channels: [{ channel: "Letters", campaign: "november" }],
  };
  expect(await save(rules, 0)).toMatchObject({ status: 200, is: { version: 1 } });
  const saved = await preview();
  expect(await apply(saved.id)).toMatchObject({ status: 200, is: { state: "applied", switched: 1 } });
  const after = await booksOf(merchant.id);
  for (const [at, book] of after.entries()) {
    const { verdicts, countedAs } = book;
    expect(balanced(book)).toBe(true);
    expect(countedAs.rules).toEqual({ version: 1, ...rules });
    expect(verdicts["bot"]).toBe((before[at]!.verdicts["bot"] ?? 0) + 40);
  }
  const excluded = after.reduce((sum, { verdicts }) => sum + (verdicts["excluded_page"] ?? 0), 0);
  expect(excluded).toBe(onPage.filter((event) => !isCrawler(event)).length);

  expect(await rollBack(saved.id)).toMatchObject({ status: 200, is: { state: "rolled_back" } });
  expect(await booksOf(merchant.id)).toEqual(before);
});

test("a sealed day was counted by the rules with which it began; a run without rules of its own leaves them", async () => {
  const rules: Rules = { version: 3, extraBots: ["pricewatch"], excludedCountries: ["NP"], keptParameters: ["ref"] };
  const { merchant, days, ask, preview } = await shop("m_rulesSeal", rules);
  const books = await booksOf(merchant.id);
  for (const book of books) {
    expect(balanced(book)).toBe(true);
    expect(book.countedAs.rules).toEqual(rules);
    expect(book.verdicts["excluded_country"]).toBeGreaterThan(0);
  }
  // Late events are counted by them too.
  const late = eventsOf(merchant, FROM, 12)
    .filter(({ country }) => country === "NP")
    .slice(0, 3);
  expect(late).toHaveLength(3);
  await days[0]!.sealLate(late.map((event) => ({ ...event, id: `late-${event.id}` })));
  const [resealed] = await booksOf(merchant.id);
  const botsAmong = late.filter(({ user_agent }) => /Googlebot/.test(user_agent ?? "")).length;
  expect(resealed!.verdicts["excluded_country"]).toBe(books[0]!.verdicts["excluded_country"]! + 3 - botsAmong);
  expect(resealed!.countedAs.rules).toEqual(rules);
  // What ops counts again after a repair of the code keeps them.
  const { is: run } = await ask<RunView>("POST", "/rules/preview", { from: FROM, to: TO, rules: { onTop: true } });
  expect(run).toMatchObject({ rules: { onTop: true } });
  const same = await preview({ onTop: true });
  expect(same.difference).toMatchObject({ days: 2, count: 0, changed_hours: 0 });
  const without = await preview({});
  expect(without.difference.count).toBeGreaterThan(0);
});

test("a day that began after rules were saved, and that no book says anything of, is counted again by those rules", async () => {
  const { merchant, save, ask, preview } = await shop("m_rulesLost", { version: 1, extraBots: ["pricewatch"] });
  await save({ extraBots: ["pricewatch"] }, 0);
  await save({ bots: "count" }, 1);
  await sql`UPDATE rules_versions SET at = ${"2026-11-20T22:59:59Z"} WHERE merchant = ${merchant.id} AND version = 1`;
  await sql`UPDATE day_book SET counted_as = NULL WHERE merchant = ${merchant.id}`;
  const { id, difference } = await preview({ onTop: true });
  expect(difference.rows.every(({ date }) => date === FROM)).toBe(true);
  const [first, second] =
    (await sql`SELECT counted_as AS "countedAs" FROM replay_units WHERE run = ${id} ORDER BY date`) as {
      countedAs: CountedAs;
    }[];
  expect([first!.countedAs.rules, second!.countedAs.rules]).toEqual([
    { extraBots: [] },
    { version: 1, extraBots: ["pricewatch"] },
  ]);
  expect(await ask("GET", `/rules/runs/${id}`)).toMatchObject({ is: { units: { done: 2 } } });
});

test("goals change no number, and are in no record of what a day was counted by", async () => {
  const { merchant, ask, save, preview, apply } = await shop("m_rulesGoals");
  await save({}, 0);
  expect(await ask("POST", "/goals", { goal_type: "event", event_name: "signup" })).toMatchObject({ status: 201 });
  const { id, difference } = await preview();
  expect(difference).toMatchObject({ days: 2, count: 0 });
  await apply(id);
  for (const { countedAs } of await booksOf(merchant.id))
    expect(countedAs.rules).toEqual({ version: 2, extraBots: [] });
});
