// The cards of the dashboard that are no lists (map, funnel, week), each held against the API's answer. They give how many numbers
// were compared.

import type { Locator } from "playwright-core";
import { expect } from "vitest";
import type { FunnelRow } from "../core/funnel-answer.ts";
import { type Metric, METRICS } from "../core/metrics.ts";
import { ask } from "./client.ts";
import { difference, numberIn } from "./shown-numbers.ts";
import { cellsOf, type ShownPage } from "./shown-page.ts";
import type { TestStack } from "./stack.ts";

const HOURS = 24;
const WEEKDAYS = 7;

/** What is said of each country that is drawn and has visits. */
export async function expectMap(shown: ShownPage, card: Locator, metrics: readonly Metric[]): Promise<number> {
  const { results } = await shown.question({ metrics, dimensions: ["country"] });
  const byName = new Map(results.map((row) => [shown.nameOf("country", row), row]));
  const captions: string[] = [];
  for (const path of await card.locator("path[data-shade]").all()) {
    await path.dispatchEvent("pointerover");
    captions.push(await card.locator(".map-caption").innerText());
  }
  expect(captions.length).toBeGreaterThan(0);
  for (const caption of captions) {
    const [name = "", rest = ""] = caption.split(": ");
    const [, ...texts] = /^visits (.*), net revenue (.*)$/.exec(rest) ?? [];
    expect(shown.differences(metrics, texts, byName.get(name)!.metrics), caption).toEqual([]);
  }
  return metrics.length * captions.length;
}

/** None where nothing was looked at: then it says so. */
export async function expectFunnel(shown: ShownPage, stack: TestStack): Promise<number> {
  const { merchant, dates } = shown.view;
  const body = JSON.stringify({ merchant, date_range: dates, preset: "shop", filters: shown.filters });
  const { results } = await ask<{ results: FunnelRow[] }>(stack.running(), "/api/v1/funnel", { method: "POST", body });
  const card = shown.page.locator(".in-view").first();
  await card.scrollIntoViewIfNeeded();
  await card.getByRole("heading").waitFor();
  await shown.quiet();
  if (results.slice(1).every(({ visits }) => visits === 0)) {
    await card.getByText("No visit looked at a product.").waitFor();
    return 0;
  }
  const steps = await card
    .locator("li")
    .evaluateAll((items) =>
      items.map((item) =>
        ["strong", ".funnel-share", ".funnel-lost"].map((one) => item.querySelector(one)?.textContent ?? ""),
      ),
    );
  const { reader } = shown;
  for (const [at, { name, visits, share, dropped, share_of_previous: previous }] of results.entries()) {
    const [count = "", part = "", lost = ""] = steps[at]!;
    const [left = "", wentOn = ""] = lost.split(" left, ");
    expect(reader.number(count), name).toBe(visits);
    expect(difference("percent", reader.number(part), share), name).toBeNull();
    if (at === 0) continue;
    expect(reader.number(left), `left before ${name}`).toBe(dropped);
    expect(difference("percent", reader.number(wentOn), previous), `went on to ${name}`).toBeNull();
  }
  return 4 * results.length - 2;
}

/** Means of the hours of each weekday. */
export async function expectWeek(shown: ShownPage): Promise<number> {
  const metrics = ["visits", "orders", "net_revenue"] as const satisfies readonly Metric[];
  const { results } = await shown.question({ metrics, dimensions: ["time:hour"], include: { fill: true } });
  const byHour = Map.groupBy(results, ({ dimensions: [label = ""] }) => {
    const weekday = (new Date(`${label.slice(0, 10)}T00:00:00Z`).getUTCDay() + WEEKDAYS - 1) % WEEKDAYS;
    return weekday * HOURS + Number(label.slice(11, 13));
  });
  const card = shown.page.locator(".in-view").last();
  await card.scrollIntoViewIfNeeded();
  await card.getByRole("heading").waitFor();
  await shown.quiet();
  for (const [column, metric] of metrics.entries()) {
    await card.getByText(METRICS[metric].label, { exact: true }).click();
    const [, ...rows] = await cellsOf(card.locator("table"));
    expect(rows).toHaveLength(WEEKDAYS);
    for (const [place, text] of rows.flatMap(([, ...hours]) => hours).entries()) {
      const own = byHour.get(place) ?? [];
      const sum = own.reduce((total, row) => total + (numberIn(row.metrics[column]) ?? 0), 0);
      const mean = own.length === 0 ? null : sum / own.length;
      // Means of counts have one decimal, as percentages have.
      const kind = METRICS[metric].kind === "count" ? "percent" : METRICS[metric].kind;
      expect(difference(kind, shown.reader.number(text), mean), `${metric}, cell ${place}: ${text}`).toBeNull();
    }
  }
  return metrics.length * WEEKDAYS * HOURS;
}
