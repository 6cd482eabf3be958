// Every number on the dashboard is the API's answer to the same question: headline with changes, the chart's table, every tab of
// every list, the map, the lists looked at closely, the funnel and the week, on a month of a real shop and on made-up visits,
// as readers of two locales see them. The test asks in the plainest form; the page may ask as it likes.

import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { METRICS, type MetricValue } from "../core/metrics.ts";
import { addDays, dayAt, dayOf } from "../core/zone.ts";
import { HEADLINE } from "../web/dashboard/metrics.ts";
import { PANELS, propertyTab, type Tab } from "../web/dashboard/panels.ts";
import { launchBrowser } from "./browser.ts";
import { ask, send } from "./client.ts";
import { command, type Report } from "./questions.ts";
import { expectFunnel, expectMap, expectWeek } from "./shown-cards.ts";
import { cellsOf, metricCalled, ShownPage, type View } from "./shown-page.ts";
import { startStack, type TestStack } from "./stack.ts";

const RETAIL: View = { merchant: "m_retail", dates: ["2010-12-01", "2010-12-31"], locale: "en-GB" };
const WEEK: View = { merchant: "m_retail", dates: ["2010-12-08", "2010-12-14"], locale: "de-DE" };
const FRANCE: View = { ...WEEK, locale: "en-GB", country: "FR" };
const ZONE = "Europe/Berlin";
const today = dayAt(ZONE, Date.now()).date;
/** Over, so that they stand still. */
const TWO_DAYS: View["dates"] = [addDays(today, -2), addDays(today, -1)];
const VISITS: View = { merchant: "m_demo", dates: TWO_DAYS, locale: "en-GB", property: "plan" };

let stack: TestStack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  await command(stack, "scripts/import.ts", "retail", "--merchant", "m_retail", "--file", "data/retail-2010-12.csv.gz");
  await command(stack, "scripts/demo.ts", "--past", "4", "--visits-per-day", "120");
  const noonMs = dayOf(ZONE, VISITS.dates[0]).startMs + 12 * 3_600_000;
  const events = ["free", "pro", "pro", "team"].map((plan, n) => ({
    id: `signup-${n}`,
    name: "signup",
    occurred_at: noonMs + n,
    url: "http://localhost/shop/",
    props: { plan },
    visitor: { ip: `2001:db8::${n}` },
  }));
  await send(stack.running(), { merchant: "m_demo", events });
  for (const [merchant, goal] of [
    ["m_demo", { goal_type: "event", event_name: "signup" }],
    ["m_demo", { goal_type: "page", page_path: "/shop/category/*", display_name: "Looked around" }],
    ["m_retail", { goal_type: "event", event_name: "purchase", display_name: "Bought" }],
  ] as const)
    await ask(stack.running(), `/api/v1/merchants/${merchant}/goals`, { method: "POST", body: JSON.stringify(goal) });
});

afterAll(async () => {
  await browser.close();
  await stack.remove();
});

type Row = Report["results"][number];
type ComparedRow = Row & { comparison: { metrics: MetricValue[]; change: (number | null)[] } };
const COMPARED = { comparisons: { mode: "previous_period" } };

const TABS = PANELS.flatMap((panel) => panel.tabs.map((tab) => ({ panel, tab })));

/** All of them; the one by a property where the view says which. */
function tabsOf({ property }: View): (typeof TABS)[number][] {
  return TABS.flatMap(({ panel, tab }) => {
    if (tab.ofProperty !== true) return [{ panel, tab }];
    if (property === undefined) return [];
    return [{ panel, tab: { ...tab, id: propertyTab(property), dimension: `event:props:${property}` } }];
  });
}

async function expectHeadline(shown: ShownPage): Promise<number> {
  const { results } = await shown.question({ metrics: HEADLINE, include: COMPARED });
  const { metrics, comparison } = results[0] as ComparedRow;
  const figures = await shown.page.locator(".figure").evaluateAll((elements) =>
    elements.map((element) => {
      const text = (selector: string) => element.querySelector(selector)?.textContent ?? "";
      return { value: text(".figure-value"), change: text(".change"), before: text("[title='Period before']") };
    }),
  );
  for (const [at, metric] of HEADLINE.entries()) {
    const { value, change, before } = figures[at]!;
    const texts = [value, before.replace(", before:", "")];
    expect(shown.differences([metric, metric], texts, [metrics[at]!, comparison.metrics[at]!])).toEqual([]);
    expectChange(shown, change, METRICS[metric].kind === "percent", comparison.change[at] ?? null);
  }
  return 3 * HEADLINE.length;
}

/** "↓ , down 11 %" */
function expectChange({ reader }: ShownPage, text: string, isOfPercent: boolean, answered: number | null): void {
  const [, word = "", written = ""] = /(up|down|unchanged) (.*)$/.exec(text) ?? [];
  const size = reader.number(written);
  if (size === null || answered === null) {
    expect(size, text).toBe(answered);
    return;
  }
  const precision = isOfPercent || Math.abs(answered) < 10 ? 0.05 : 0.5;
  expect(word).toBe(answered > 0 ? "up" : answered < 0 ? "down" : "unchanged");
  expect(Math.abs(size - Math.abs(answered)), `${text} of ${answered}`).toBeLessThanOrEqual(precision + 1e-9);
}

async function expectChart(shown: ShownPage): Promise<number> {
  const include = { fill: true, ...COMPARED };
  const { results } = await shown.question({ metrics: HEADLINE, dimensions: ["time:day"], include });
  const options = { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  const days = new Intl.DateTimeFormat(shown.view.locale, options);
  const labels = results.map(({ dimensions: [date] }) => days.format(Date.parse(`${date}T00:00:00Z`)));
  for (const [column, metric] of HEADLINE.entries()) {
    await shown.page.locator(`[data-metric=${metric}]`).click();
    const [, ...cells] = await cellsOf(shown.page.locator(".chart table"));
    expect(cells.map(([label]) => label)).toEqual(labels);
    for (const [at, [label, ...texts]] of cells.entries()) {
      const { metrics, comparison } = results[at] as ComparedRow;
      const values = [metrics[column]!, comparison.metrics[column]!];
      expect(shown.differences([metric, metric], texts, values), `chart, ${label}`).toEqual([]);
    }
  }
  return 2 * results.length * HEADLINE.length;
}

/** A table whose header has names of metrics, against the API's rows in their order; without rows there is none. */
async function expectList(shown: ShownPage, table: Locator, tab: Tab, most: number): Promise<number> {
  const order = { order_by: [[tab.metrics[0], "desc"]], pagination: { limit: most } };
  const dimensions = [tab.dimension];
  const [head = [], ...rows] = (await table.count()) === 0 ? [] : await cellsOf(table);
  const metrics = head.length === 0 ? tab.metrics : head.slice(1).map(metricCalled);
  const { results } = await shown.question({ metrics, dimensions, ...order });
  // What stands in a table without rows is said in words.
  if (results.length === 0) {
    expect(rows.length, tab.id).toBeLessThanOrEqual(1);
    return 0;
  }
  expect(
    rows.map(([name]) => name),
    tab.id,
  ).toEqual(results.map((row) => shown.nameOf(tab.dimension, row)));
  for (const [at, [name, ...texts]] of rows.entries())
    expect(shown.differences(metrics, texts, results[at]!.metrics), `${tab.id}, ${name}`).toEqual([]);
  return rows.length * metrics.length;
}

async function expectPanels(shown: ShownPage): Promise<number> {
  let compared = 0;
  const tabs = tabsOf(shown.view);
  const byPanel = [...Map.groupBy(tabs, ({ panel }) => panel).values()];
  for (let at = 0; at < Math.max(...byPanel.map(({ length }) => length)); at++) {
    const opened = byPanel.flatMap((own) => own[at] ?? []);
    await shown.open(Object.fromEntries(opened.map(({ panel, tab }) => [`tab.${panel.id}`, tab.id])));
    for (const { panel, tab } of opened) {
      const card = shown.page.locator(`section:has(#panel-${panel.id})`);
      compared +=
        tab.map === true
          ? await expectMap(shown, card, tab.metrics)
          : await expectList(shown, card.locator("table"), tab, panel.rows);
    }
  }
  return compared;
}

const PAGE_ROWS = 50;

async function expectDetails(shown: ShownPage): Promise<number> {
  let compared = 0;
  for (const { panel, tab } of tabsOf(shown.view)) {
    if (tab.map === true) continue;
    await shown.open({ detail: panel.id, [`tab.${panel.id}`]: tab.id });
    const dialog = shown.page.getByRole("dialog", { name: panel.title });
    await dialog.locator("table").waitFor();
    await shown.quiet();
    compared += await expectList(shown, dialog.locator("table"), tab, PAGE_ROWS);
  }
  return compared;
}

test.each([
  ["a month of a real shop", RETAIL],
  ["one of its weeks, as a German reads it", WEEK],
  ["that week in France", FRANCE],
  ["two days of visits, with goals and properties", VISITS],
])("every number of %s is the API's", async (_, view) => {
  const shown = await ShownPage.begin(stack, browser, view);
  await shown.open();
  const compared = [
    await expectHeadline(shown),
    await expectChart(shown),
    await expectFunnel(shown, stack),
    await expectWeek(shown),
    await expectPanels(shown),
    await expectDetails(shown),
  ];
  // So that nothing is right for want of numbers.
  for (const [at, count] of compared.entries()) if (at !== 2) expect(count).toBeGreaterThan(20);
  await shown.end();
});
