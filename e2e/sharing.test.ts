// What is shown to others, in a real browser on a whole stack: a link with a password opened by somebody who is not signed in, in a
// page of its own and in frames of pages that may show it and that may not; and notes, written and read on the chart.

import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { ask, send } from "./client.ts";
import { eventually, hasFocus, pageOf, passesAxe, PERSON } from "./page-checks.ts";
import { startStack, type TestStack } from "./stack.ts";

const MERCHANT = "/api/v1/merchants/m_demo";
const PASSWORD = "open sesame";

interface Link {
  id: string;
  url: string;
}

let stack: TestStack;
let browser: Browser;
let page: Page;
let complaints: string[];
const servers: http.Server[] = [];

const post = <Reply>(path: string, body: object): Promise<Reply> =>
  ask<Reply>(stack.running(), path, { method: "POST", body: JSON.stringify(body) });

const share = (body: object): Promise<Link> => post<Link>(`${MERCHANT}/links`, { name: "Board", ...body });

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  const items = [{ item_id: "mug", item_name: "Clay mug", price: 18.5, quantity: 2 }];
  await send(stack.running(), {
    merchant: "m_demo",
    visitor: { ip: "203.0.113.7", user_agent: PERSON },
    events: [
      { id: "view", name: "pageview", url: "https://shop.example/" },
      { id: "order", name: "purchase", url: "https://shop.example/", transaction_id: "A-1", currency: "EUR", items },
    ],
  });
});

afterAll(async () => {
  for (const server of servers) server.close();
  await browser?.close();
  await stack?.remove();
});

beforeEach(async () => {
  complaints = [];
  page = await pageOf(browser, complaints);
  const context = page.context();
  return () => context.close();
});

const figure = (metric: string): Promise<string> => page.locator(`[data-metric=${metric}] .figure-value`).innerText();
const today = (): string => new Intl.DateTimeFormat("sv", { timeZone: "Europe/Berlin" }).format();

test("a link is opened with its password by whoever is not signed in, and shows numbers and nothing else", async () => {
  const { url, id } = await share({ password: PASSWORD });
  expect(url).toBe(`${stack.running().baseUrl}/share/${id}`);
  await page.goto(`${url}?range=today`);
  await page.getByRole("heading", { name: "A shared dashboard" }).waitFor();
  await passesAxe(page, "the form");
  await page.getByLabel("Password").fill("open barley");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("This password is not right").waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { level: 1, name: "Demo shop" }).waitFor();
  await eventually(() => figure("net_revenue")).toBe("€37.00");
  await page.getByText(/^Shared by /).waitFor();
  // The socket brings the token too.
  await page.locator(".live-status[data-status=live]").waitFor();
  await page.getByRole("rowheader", { name: "Clay mug" }).waitFor();
  for (const name of ["Menu", "Add a note", /^Merchant/])
    expect(await page.getByRole("button", { name }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "CSV" }).count()).toBe(0);
  await passesAxe(page, "the shared page");
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  // Without a password at first, and with a wrong one.
  expect(complaints).toEqual(Array.from({ length: 2 }, () => expect.stringContaining("401")));

  const { baseUrl, operatorToken } = stack.running();
  const headers = { authorization: `Bearer ${operatorToken}` };
  expect((await fetch(`${baseUrl}${MERCHANT}/links/${id}`, { method: "DELETE", headers })).status).toBe(204);
  await page.reload();
  await page.getByText("This link has been withdrawn").waitFor();
});

test("a link without a password opens at once; frames show it where it is allowed, and nowhere else", async () => {
  const [allowed, other] = [await makeSite(), await makeSite()];
  const { url } = await share({ origins: [allowed.origin] });
  const shown = async (origin: string): Promise<void> => {
    await page.goto(`${origin}/?frame=${encodeURIComponent(`${url}?range=today`)}`);
  };
  await shown(allowed.origin);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("heading", { level: 1, name: "Demo shop" }).waitFor();
  await eventually(() => frame.locator("[data-metric=net_revenue] .figure-value").innerText()).toBe("€37.00");
  await frame.locator(".live-status[data-status=live]").waitFor();
  expect(complaints).toEqual([]);

  await shown(other.origin);
  await eventually(() => complaints.join()).toContain("frame-ancestors");
  expect(await frame.getByRole("heading").count()).toBe(0);
  complaints.splice(0);

  // What is no link's page is framed by nobody.
  for (const path of ["/", "/share/l_none", "/settings/merchant"]) {
    const { headers } = await fetch(stack.running().baseUrl + path);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  }
});

test("a note stands on the chart: seen by whoever points at it or reads the table; it is written and taken away there", async () => {
  await post(`${MERCHANT}/annotations`, { date: today(), text: "Sale begins" });
  const { baseUrl, operatorToken } = stack.running();
  await page.goto(`${baseUrl}/?merchant=m_demo&range=7d#token=${operatorToken}`);
  const mark = page.getByRole("button", { name: /^Note:/ });
  await mark.hover();
  const text = page.locator(".chart-note-text");
  await text.getByText("Sale begins").waitFor();
  await page.mouse.move(0, 0);
  await text.waitFor({ state: "hidden" });
  await mark.focus();
  await text.getByText("Sale begins").waitFor();
  await page.getByRole("row", { name: /\(not over\).*Sale begins/ }).waitFor();

  await page.getByRole("button", { name: "Add a note" }).click();
  const editor = page.getByRole("dialog", { name: "Notes" });
  await editor.getByLabel("Note", { exact: true }).fill("Newsletter");
  await editor.getByLabel("Hour").selectOption("9");
  await passesAxe(page, "the notes");
  await editor.getByRole("button", { name: "Add the note" }).click();
  await editor.getByRole("listitem").filter({ hasText: "Newsletter" }).waitFor();
  await editor.getByRole("button", { name: "Change Newsletter" }).click();
  await editor.getByLabel("Note", { exact: true }).fill("Newsletter 12");
  await editor.getByRole("button", { name: "Save the note" }).click();
  await editor.getByRole("button", { name: "Delete Sale begins" }).click();
  await eventually(() => editor.getByRole("listitem").count()).toBe(1);
  // The button that was pressed is gone.
  await hasFocus(editor);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Note: .*: Newsletter 12$/ }).waitFor();
  await passesAxe(page, "the page with a note");
  expect(complaints).toEqual([]);
});

/** A page somewhere else, with a frame of what its address says. */
async function makeSite(): Promise<{ origin: string }> {
  const server = http.createServer((request, response) => {
    const frame = new URL(request.url ?? "", "http://localhost").searchParams.get("frame") ?? "";
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><title>Elsewhere</title><iframe src="${frame}" width="900" height="700"></iframe>`);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}
