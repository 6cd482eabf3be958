// What builders of reports begin with, on the built Worker: the page that describes the API, and GraphQL beside REST.

import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { PERSON } from "./page-checks.ts";
import { startStack, type TestStack } from "./stack.ts";

let stack: TestStack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

test.each(["light", "dark"] as const)(
  "the page can be read, loads nothing from elsewhere and breaks no policy, %s",
  async (colorScheme) => {
    const { baseUrl } = stack.running();
    const context = await browser.newContext({ locale: "en-US", colorScheme });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== "data:" && origin !== baseUrl) wrong.push(request.url());
    });
    const response = await page.goto(`${baseUrl}/docs/api`);
    expect(response?.headers()["content-security-policy"]).toMatch(/^default-src 'self'; (?!.*unsafe)/);
    for (const path of ["POST /api/v1/query", "PATCH /api/v1/merchants/{id}", "GET /api/ops/replays/{id}/diff"]) {
      const [method = "", address = ""] = path.split(" ");
      const operation = page
        .locator(".opblock", { has: page.locator(`[data-path="${address}"]`), hasText: method })
        .first();
      await operation.locator(".opblock-summary-control").click();
      await operation.locator(".responses-table").waitFor();
    }
    await page.evaluate(axe.source);
    const faint = await page.evaluate(async () => {
      const { axe: present } = window as unknown as { axe: typeof axe };
      const { violations } = await present.run({ runOnly: ["color-contrast"] });
      return violations.flatMap(({ nodes }) => nodes.map(({ html }) => html));
    });
    expect([...wrong, ...faint]).toEqual([]);
    await context.close();
  },
);

test("GraphQL gives the rows that REST gives", async () => {
  const { baseUrl, operatorToken, merchants } = stack.running();
  const merchant = merchants[0]!.id;
  const post = async <Body>(path: string, body: object): Promise<Body> => {
    const headers = { authorization: `Bearer ${operatorToken}`, "content-type": "application/json" };
    return (
      await fetch(baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) })
    ).json() as Promise<Body>;
  };
  const event = { id: "one", name: "pageview", url: "https://shop.example/hats" };
  const body = JSON.stringify({ merchant, events: [event] });
  await fetch(`${baseUrl}/e`, { method: "POST", headers: { "user-agent": PERSON }, body });
  const asked = { merchant, metrics: ["pageviews", "gross_revenue"], date_range: "day", dimensions: ["page"] };
  const { results } = await post<{ results: unknown[] }>("/api/v1/query", asked);
  expect(results).toEqual([
    { metrics: [1, { value: expect.any(String), currency: expect.any(String) }], dimensions: ["/hats"] },
  ]);
  const query = `query ($merchant: ID!, $metrics: [Metric!]!, $dimensions: [Dimension!]) {
    report(merchant: $merchant, metrics: $metrics, dateRange: { name: DAY }, dimensions: $dimensions) {
      rows { dimensions { value } values { number money { value currency } } }
    }
  }`;
  const variables = { merchant, metrics: ["PAGEVIEWS", "GROSS_REVENUE"], dimensions: ["PAGE"] };
  interface Answer {
    data: {
      report: {
        rows: { dimensions: { value: string }[]; values: { number: number | null; money: object | null }[] }[];
      };
    };
  }
  const { data } = await post<Answer>("/api/graphql", { query, variables });
  const rows = data.report.rows.map(({ dimensions, values }) => ({
    metrics: values.map(({ number, money }) => money ?? number),
    dimensions: dimensions.map(({ value }) => value),
  }));
  expect(rows).toEqual(results);
});
