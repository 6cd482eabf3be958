// How the embedded script delivers, in a real browser against a collector that fails in every way: each event arrives,
// under the id that it was born with, and the page never notices. Time in these pages moves only when a test moves it.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildTracker } from "../web/tracker/build.ts";
import type { Track } from "../web/tracker/countinghouse.ts";
import { launchBrowser } from "./browser.ts";
import { eventually } from "./page-checks.ts";
import { type Answer, type TrackerSite, eventsOf, startTrackerSite } from "./tracker-site.ts";

const FAILURES_MAX = 10;
const PENDING_EVENTS_MAX = 50;

let script: string;
let browser: Browser;
let context: BrowserContext;
let site: TrackerSite;
let page: Page;
let pageErrors: Error[];

beforeAll(async () => {
  [{ code: script }, browser] = await Promise.all([buildTracker(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
});

afterEach(async () => {
  await context.close();
  await site.close();
  expect(pageErrors).toEqual([]);
  // A preflight would double the requests.
  expect(site.batches.filter(({ method }) => method !== "POST")).toEqual([]);
  expect(unmarkedRepeats()).toEqual([]);
});

/**
 * Events that have come before, in requests that do not say so. What the browser repeats by itself when a connection was dropped
 * the script does not know of: that is the same request, to the byte.
 */
function unmarkedRepeats(): string[] {
  const seen = new Set<string>();
  const requests = new Map(site.batches.map((batch) => [JSON.stringify([batch.sent_at, batch.events]), batch]));
  return [...requests.values()].flatMap(({ events, again }) => {
    const unmarked = events.filter(({ id }, n) => seen.has(id) && n >= again);
    for (const { id } of events) seen.add(id);
    return unmarked.map(({ id }) => id);
  });
}

async function prepare(): Promise<void> {
  site = await startTrackerSite(script);
  context = await browser.newContext();
  await context.clock.install();
  await context.clock.pauseAt(Date.now() + 60_000);
  page = await newPage();
}

async function newPage(): Promise<Page> {
  const opened = await context.newPage();
  pageErrors = [];
  opened.on("pageerror", (error) => pageErrors.push(error));
  return opened;
}

async function visit(...answers: Answer[]): Promise<void> {
  await prepare();
  site.answers.push(...answers);
  await page.goto(site.origin);
  await eventually(() => site.batches.length).toBe(1);
}

const track = (...args: Parameters<Track>): Promise<void> =>
  page.evaluate((given) => window.countinghouse?.(...given), args);

/** What the browser keeps for a later attempt, as JSON. */
const storedEvents = (): Promise<string[]> =>
  page.evaluate(() => Object.values<string>(localStorage).flatMap((kept) => kept.split("\n")));

const stored = (count: number): Promise<void> => eventually(async () => (await storedEvents()).length).toBe(count);

/** Moves the page's time until so many requests have come. */
const requests = (count: number, stepMs = 1_000): Promise<void> =>
  eventually(async () => {
    await context.clock.runFor(stepMs);
    return site.batches.length;
  }).toBe(count);

const names = (events: { name: string }[]): string[] => events.map(({ name }) => name);

const FAILURES: [string, Answer][] = [
  ["an error of the server", { status: 500 }],
  ["an overloaded server", { status: 503 }],
  ["too many requests", { status: 429 }],
  ["a dropped connection", "drop"],
];

test.each(FAILURES)(
  "after %s the same events come again, and only once they have arrived are they forgotten",
  async (_, answer) => {
    await visit(answer, answer, answer);
    await stored(1);
    await requests(4);
    const [first, ...retries] = site.batches;
    for (const retry of retries) expect(retry.events).toEqual(first!.events);
    expect(site.accepted).toHaveLength(1);
    expect(site.accepted[0]!.sent_at).toBeGreaterThan(first!.sent_at);
    await stored(0);
  },
);

test("Retry-After is obeyed", async () => {
  await visit({ status: 429, retryAfterSeconds: 90 });
  await stored(1);
  await context.clock.runFor(89_000);
  await track("meanwhile");
  expect(site.batches).toHaveLength(1);
  await requests(2);
  expect(site.batches[1]!.sent_at - site.batches[0]!.sent_at).toBeGreaterThanOrEqual(90_000);
  expect(names(site.accepted[0]!.events)).toEqual(["pageview", "meanwhile"]);
});

test.each([400, 404, 413, 415])("what is answered with %i is given up", async (status) => {
  await visit({ status });
  await track("next");
  await requests(2);
  expect(names(site.batches[1]!.events)).toEqual(["next"]);
});

test("pauses grow, and attempts end until there is something new", async () => {
  await visit();
  site.usual = { status: 500 };
  await track("unlucky");
  await requests(1 + FAILURES_MAX, 20_000);
  await stored(1);
  const attempts = site.batches.slice(1).map((batch) => batch.sent_at);
  const pausesMs = attempts.slice(1).map((at, index) => at - attempts[index]!);
  for (const [index, pauseMs] of pausesMs.entries()) {
    const capMs = Math.min(60, 2 ** index) * 1_000;
    expect(pauseMs).toBeGreaterThanOrEqual(capMs / 2);
  }
  await context.clock.runFor(3_600_000);
  expect(site.batches).toHaveLength(1 + FAILURES_MAX);

  site.usual = { status: 202 };
  await track("news");
  await requests(2 + FAILURES_MAX);
  expect(names(site.accepted[1]!.events)).toEqual(["unlucky", "news"]);
  await stored(0);
});

test("each request says how many of its events, the oldest, may have come before: new ones are not among them", async () => {
  await visit({ status: 503 });
  await stored(1);
  await track("meanwhile");
  site.answers.push({ status: 500 });
  await requests(2);
  await track("later");
  await requests(3);
  await track("news");
  await requests(4);
  expect(site.batches.map(({ again, events }) => [again, names(events)])).toEqual([
    [0, ["pageview"]],
    [1, ["pageview", "meanwhile"]],
    [2, ["pageview", "meanwhile", "later"]],
    [0, ["news"]],
  ]);
});

test("what happens offline is sent as soon as the browser is online", async () => {
  await visit();
  await context.setOffline(true);
  await track("offline");
  await context.clock.runFor(2_000);
  await stored(1);
  await context.setOffline(false);
  await eventually(() => site.accepted.length).toBe(2);
  expect(names(site.accepted[1]!.events)).toEqual(["offline"]);
  await stored(0);
});

test("a long time offline keeps the newest events, and no more than a bounded number", async () => {
  await visit();
  await context.setOffline(true);
  for (let n = 1; n <= PENDING_EVENTS_MAX + 10; n++) await track(`event ${n}`);
  await context.clock.runFor(2_000);
  await stored(PENDING_EVENTS_MAX);
  await context.setOffline(false);
  await eventually(() => site.accepted.length).toBe(2);
  const arrived = names(site.accepted[1]!.events);
  expect(arrived).toHaveLength(PENDING_EVENTS_MAX);
  expect(arrived.at(-1)).toBe(`event ${PENDING_EVENTS_MAX + 10}`);
});

test("what could not be sent from a page is sent from the next, with its ids and times", async () => {
  await visit({ status: 503 });
  await track("add_to_cart", { value: 5, currency: "EUR" });
  await stored(1);
  await page.goto(`${site.origin}/next`);
  await eventually(() => site.accepted.length).toBe(1);
  const events = site.accepted[0]!.events;
  expect(events.map(({ name, url }) => [name, new URL(url).pathname])).toEqual([
    ["pageview", "/"],
    ["add_to_cart", "/"],
    ["pageview", "/next"],
  ]);
  expect(events[0]).toEqual(site.batches[0]!.events[0]);
  expect(site.accepted[0]!.again).toBe(2);
  await stored(0);
});

test("an event from the moment of leaving is sent again by the next page unless an answer was heard", async () => {
  await visit();
  site.answers.push({ status: 500 });
  await track("begin_checkout");
  await page.goto(`${site.origin}/next`);
  await eventually(() => eventsOf(site.accepted).length).toBe(3);
  const ids = eventsOf(site.batches.slice(1)).filter(({ name }) => name === "begin_checkout");
  expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
  expect(names(eventsOf(site.accepted)).toSorted()).toEqual(["begin_checkout", "pageview", "pageview"]);
});

test("engagement that met a failing server is told by the next page", async () => {
  await visit({ status: 503 });
  await stored(1);
  await context.clock.runFor(400);
  site.answers.push({ status: 503 });
  await requests(2);
  await context.clock.runFor(400);
  await page.goto(`${site.origin}/next`);
  await eventually(() => eventsOf(site.accepted).length).toBe(3);
  expect(names(eventsOf(site.accepted))).toEqual(["pageview", "engagement", "pageview"]);
});

test("a page that was left in peace leaves the next nothing to repeat", async () => {
  await visit();
  await context.clock.runFor(3_000);
  await page.goto(`${site.origin}/next`);
  await eventually(() => site.batches.length).toBe(3);
  expect(names(eventsOf(site.batches)).toSorted()).toEqual(["engagement", "pageview", "pageview"]);
});

test("what is kept for later is bounded in size too", async () => {
  await visit();
  site.usual = { status: 503 };
  for (let n = 1; n <= 10; n++) await track("long", { text: `${n}: `.padEnd(8_000, "x") });
  await requests(2);
  await eventually(storedEvents).toHaveLength(3);
});

test("requests outlive their page, but for an event larger than browsers let those be", async () => {
  await prepare();
  await context.addInitScript(`const send = window.fetch;
    window.fetch = (url, options) => send(url + "?keepalive=" + options.keepalive, options);`);
  await page.goto(site.origin);
  await eventually(() => site.batches.length).toBe(1);
  const items = Array.from({ length: 200 }, (_, n) => ({ item_id: `sku-${n}`, item_name: "A name ".repeat(50) }));
  await track("purchase", { transaction_id: "T-1", items });
  await requests(2);
  expect(site.batches.map(({ query }) => query)).toEqual(["keepalive=true", "keepalive=false"]);
  expect(site.accepted[1]!.events).toMatchObject([{ name: "purchase", items }]);
});

test("two tabs deliver each other's events without losing one", async () => {
  await visit({ status: 503 }, { status: 503 });
  await stored(1);
  const firstTab = page;
  page = await newPage();
  await page.goto(`${site.origin}/second`);
  await eventually(() => site.batches.length).toBe(2);
  await eventually(async () => (await storedEvents()).length).toBe(2);
  await requests(4);
  await stored(0);
  const arrived = eventsOf(site.accepted);
  expect(new Set(arrived.map(({ id }) => id)).size).toBe(2);
  await firstTab.close();
});

const BROKEN: [string, string][] = [
  ["a fetch that throws", "window.fetch = () => { throw new Error('blocked'); };"],
  ["no fetch", "delete window.fetch;"],
  ["a fetch that is not one", "window.fetch = () => 'hello';"],
  [
    "storage that is forbidden",
    "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });",
  ],
  ["storage that is full", "Storage.prototype.setItem = () => { throw new Error('full'); };"],
  ["a history that is frozen", "Object.freeze(history);"],
];

test.each(BROKEN)("with %s events still arrive and nothing is thrown", async (_, breakage) => {
  await prepare();
  await context.addInitScript(breakage);
  await page.goto(site.origin);
  await eventually(() => site.batches.length).toBe(1);
  await track("still here");
  await requests(2);
  expect(names(eventsOf(site.batches))).toEqual(["pageview", "still here"]);
});

test("with everything broken nothing is thrown into the page", async () => {
  await prepare();
  await context.addInitScript(`delete window.fetch; delete navigator.sendBeacon; delete window.crypto;
    Object.defineProperty(navigator, "sendBeacon", { value() { throw new Error("no"); } });
    Object.defineProperty(window, "crypto", { get() { throw new Error("no"); } });
    Object.defineProperty(window, "localStorage", { get() { throw new Error("no"); } });`);
  await page.goto(site.origin);
  await track("lost");
  await page.evaluate(() => history.pushState(null, "", "/on"));
  await context.clock.runFor(60_000);
  expect(new URL(page.url()).pathname).toBe("/on");
});

test("odd arguments are survived, and the next event is none the worse", async () => {
  await visit();
  await page.evaluate(() => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const call = window.countinghouse as unknown as (...args: unknown[]) => void;
    for (const odd of [circular, { big: 1n }, Object.create(null), 7, null]) call("odd", odd);
    call(Symbol("name"), {});
    call();
    call("sane");
  });
  await requests(2);
  expect(names(site.batches[1]!.events).filter((name) => name === "sane")).toHaveLength(1);
});
