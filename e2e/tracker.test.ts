// What the embedded script says, in a real browser: which events it makes of a visit, with what in them, and when.
// Time stands still in these pages until a test moves it, so what happens "at once" happens without any timer.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildTracker } from "../web/tracker/build.ts";
import type { Track } from "../web/tracker/countinghouse.ts";
import { launchBrowser } from "./browser.ts";
import { eventually } from "./page-checks.ts";
import {
  MERCHANT,
  type PageShape,
  type SentEvent,
  type TrackerSite,
  eventsOf,
  startTrackerSite,
} from "./tracker-site.ts";

const NOW = new Date("2026-11-20T10:00:00Z");
const BATCH_WAIT_MS = 2_000;

let script: string;
let browser: Browser;
let context: BrowserContext;
let site: TrackerSite;
let page: Page;

beforeAll(async () => {
  [{ code: script }, browser] = await Promise.all([buildTracker(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
});

afterEach(async () => {
  await context.close();
  await site.close();
});

async function visit(path = "/", shape: PageShape = {}): Promise<void> {
  site = await startTrackerSite(script, shape);
  context = await browser.newContext({ locale: "de-AT", screen: { width: 1280, height: 800 } });
  await context.clock.install({ time: NOW });
  await context.clock.pauseAt(NOW);
  page = await context.newPage();
  await page.goto(site.origin + path, { referer: "https://search.example/?q=tea" });
}

const track = (...args: Parameters<Track>): Promise<void> =>
  page.evaluate((given) => window.countinghouse?.(...given), args);

const hide = (hidden: boolean): Promise<void> =>
  page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, hidden);

const batches = (count: number): Promise<void> => eventually(() => site.batches.length).toBe(count);

/** Sends what waits and gives all events so far but the first pageview. */
async function flushed(requests = 2): Promise<SentEvent[]> {
  await context.clock.runFor(BATCH_WAIT_MS);
  await batches(requests);
  return eventsOf(site.batches).slice(1);
}

test("the first pageview is sent at once, with all that is known and nothing empty", async () => {
  await visit("/tea?utm_source=letter#top");
  await batches(1);
  const [batch] = site.batches;
  const [event] = batch!.events;
  expect(batch).toMatchObject({ method: "POST", merchant: MERCHANT, sent_at: NOW.getTime() });
  expect(batch!.headers["content-type"]).toMatch(/^text\/plain\b/);
  expect(batch!.headers.cookie).toBeUndefined();
  expect(event).toEqual({
    id: expect.stringMatching(/^\d{1,10},\d{1,10}$/),
    name: "pageview",
    url: `${site.origin}/tea?utm_source=letter`,
    referrer: "https://search.example/?q=tea",
    title: "A page",
    language: "de-AT",
    screen: "1280x800",
    occurred_at: NOW.getTime(),
  });
  expect(await context.cookies()).toEqual([]);
});

test("later events wait a little and go together, in order, without what only an arrival has", async () => {
  await visit("/tea");
  await batches(1);
  await track("one");
  await track("two", { colour: "green", count: 2, fresh: true });
  expect(site.batches).toHaveLength(1);
  const events = await flushed();
  expect(events).toEqual([
    {
      id: expect.any(String),
      name: "one",
      url: `${site.origin}/tea`,
      language: "de-AT",
      occurred_at: NOW.getTime(),
    },
    expect.objectContaining({ name: "two", props: { colour: "green", count: 2, fresh: true } }),
  ]);
  expect(new Set(eventsOf(site.batches).map(({ id }) => id)).size).toBe(3);
  expect(site.batches[1]!.sent_at).toBe(NOW.getTime() + BATCH_WAIT_MS);
});

test("commerce in GA4's terms stands beside the name, everything else in props", async () => {
  const commerce = {
    value: 25.9,
    currency: "EUR",
    transaction_id: "T-1",
    tax: 4.32,
    shipping: 3.9,
    coupon: "WELCOME",
    items: [{ item_id: "tea-1", item_name: "Tea", price: 12.95, quantity: 2 }],
    user: "u-1",
  };
  await visit();
  await batches(1);
  await track("purchase", { ...commerce, payment_type: "card" });
  const [purchase] = await flushed();
  expect(purchase).toMatchObject({ name: "purchase", ...commerce, props: { payment_type: "card" } });
});

test("a user that was named is in all events until taken back", async () => {
  await visit();
  await batches(1);
  await track("user", "u-7");
  await track("named");
  await track("user", null);
  await track("nameless");
  const [named, nameless] = await flushed();
  expect(named).toMatchObject({ name: "named", user: "u-7" });
  expect(nameless).not.toHaveProperty("user");
});

test("another path is another pageview, without referrer or a title that may be stale", async () => {
  await visit("/list");
  await batches(1);
  await page.evaluate(() => history.pushState(null, "", "/product?from=list"));
  await page.evaluate(() => history.replaceState(null, "", "/product?from=list&size=2"));
  await page.evaluate(() => history.pushState(null, "", "/product#details"));
  await track("looked");
  await page.evaluate(() => history.replaceState(null, "", "/cart"));
  await page.goBack();
  const events = await flushed();
  expect(events.map(({ name, url }) => [name, url.slice(site.origin.length)])).toEqual([
    ["pageview", "/product?from=list"],
    ["looked", "/product"],
    ["pageview", "/cart"],
    ["pageview", "/product?from=list&size=2"],
  ]);
  for (const event of events) {
    expect(event).not.toHaveProperty("referrer");
    expect(event).not.toHaveProperty("title");
  }
});

test("fragments are pages only where the site says so", async () => {
  await visit("/?campaign=1#/list", { attributes: "data-hash" });
  await batches(1);
  await page.evaluate(() => (location.hash = "/cart"));
  expect((await flushed()).map(({ url }) => url)).toEqual([`${site.origin}/?campaign=1#/cart`]);
  expect(site.batches[0]!.events[0]!.url).toBe(`${site.origin}/?campaign=1#/list`);
});

test("without that, a click on a fragment is no pageview", async () => {
  await visit();
  await batches(1);
  await page.evaluate(() => (location.hash = "/cart"));
  await track("after");
  expect((await flushed()).map(({ name }) => name)).toEqual(["after"]);
});

test("engagement is the visible time of a page, told when it is hidden and not at every blur", async () => {
  await visit("/long-read");
  await batches(1);
  await context.clock.runFor(900);
  await hide(true);
  await context.clock.runFor(60_000);
  await hide(false);
  await context.clock.runFor(1_600);
  await hide(true);
  await batches(2);
  await hide(false);
  await context.clock.runFor(9_000);
  await hide(true);
  await hide(false);
  await context.clock.runFor(1_000);
  await hide(true);
  await batches(3);
  expect(eventsOf(site.batches).slice(1)).toMatchObject([
    { name: "engagement", url: `${site.origin}/long-read`, props: { ms: 2_500 } },
    { name: "engagement", url: `${site.origin}/long-read`, props: { ms: 10_000 } },
  ]);
});

test("engagement belongs to the page that was left, and begins anew with the next", async () => {
  await visit("/first");
  await batches(1);
  await context.clock.runFor(3_000);
  await page.evaluate(() => history.pushState(null, "", "/second"));
  await flushed();
  await context.clock.runFor(2_000);
  await hide(true);
  await batches(3);
  expect(eventsOf(site.batches).map(({ name, url, props }) => [name, url.slice(site.origin.length), props])).toEqual([
    ["pageview", "/first", undefined],
    ["engagement", "/first", { ms: 3_000 }],
    ["pageview", "/second", undefined],
    ["engagement", "/second", { ms: 4_000 }],
  ]);
});

test("what waits goes out when the page is hidden", async () => {
  await visit();
  await batches(1);
  await track("last words");
  await hide(true);
  await batches(2);
  expect(site.batches[1]!.events).toMatchObject([{ name: "last words" }]);
});

test("what waits goes out when the page is left for good", async () => {
  await visit();
  await batches(1);
  await track("last words");
  await page.goto("about:blank");
  await batches(2);
  expect(site.batches[1]!.events).toMatchObject([{ name: "last words" }]);
});

test("a page that comes back from the browser's page cache is viewed again", async () => {
  await visit("/again");
  await batches(1);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  expect(await flushed()).toMatchObject([{ name: "pageview", url: `${site.origin}/again` }]);
});

test("a page that was loaded ahead is viewed when it is looked at", async () => {
  const early = `let ahead = true; Object.defineProperty(document, "prerendering", { get: () => ahead });
    function activate() { ahead = false; document.dispatchEvent(new Event("prerenderingchange")); }
    countinghouse("while ahead");`;
  await visit("/", { inlineScript: early });
  await context.clock.runFor(60_000);
  expect(site.batches).toEqual([]);
  await page.evaluate("activate()");
  await batches(1);
  expect(site.batches[0]).toMatchObject({
    events: [{ name: "pageview", occurred_at: NOW.getTime() + 60_000 }, { name: "while ahead" }],
  });
});

test("calls before the script is there follow the pageview, and the page does not wait for the script", async () => {
  let release = (): void => {};
  const scriptAfter = new Promise<void>((resolve) => (release = resolve));
  const inlineScript = `countinghouse("early", { n: 1 }); countinghouse("user", "u-9");
    addEventListener("DOMContentLoaded", () => { window.ready = true; });`;
  site = await startTrackerSite(script, { scriptAfter, inlineScript });
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(site.origin, { waitUntil: "commit" });
  await page.waitForFunction("window.ready");
  expect(await page.textContent("h1")).toBe("A page");
  expect(site.batches).toEqual([]);
  release();
  await batches(1);
  expect(site.batches[0]!.events).toMatchObject([
    { name: "pageview", user: "u-9" },
    { name: "early", props: { n: 1 } },
  ]);
});

test("a tag that stands twice in a page counts once", async () => {
  await visit("/", { scriptTags: 2 });
  await batches(1);
  await track("after");
  expect((await flushed()).map(({ name }) => name)).toEqual(["after"]);
});

test("nothing is sent or kept in a browser that opted out", async () => {
  await visit("/", { inlineScript: `localStorage.countinghouse_ignore = "true"` });
  await track("unheard");
  await context.clock.runFor(60_000);
  await page.goto("about:blank");
  expect(site.batches).toEqual([]);
});
