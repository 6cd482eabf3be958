// Attacks on a whole stack: what hostile clients send comes to a merchant's dashboard, in a real browser, as text and as nothing else;
// every page says by its headers that nothing but our own files runs on it; and what is packed to blow up does not.

import { createHash } from "node:crypto";
import fs from "node:fs";
import { createGzip } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { ask, ops, send } from "./client.ts";
import { PERSON } from "./page-checks.ts";
import { startStack, type TestStack } from "./stack.ts";
import { OPERATIONS, SETTINGS } from "../web/dashboard/page.ts";
import { PANELS } from "../web/dashboard/panels.ts";

/** Each would say so, or ask elsewhere, if it ran. */
const SCRIPTS = [
  "<script>window.hacked=1</script>",
  "<img src=x onerror=window.hacked=2>",
  `"><svg/onload=window.hacked=3>`,
  "javascript:window.hacked=4",
  `' autofocus onfocus=window.hacked=5 x='`,
  "<iframe srcdoc='<script>parent.hacked=6</script>'>",
  "<link rel=stylesheet href=https://evil.example/x.css>",
  "<style>@import 'https://evil.example/y.css'</style>",
  "{{constructor.constructor('window.hacked=7')()}}",
  "</title></textarea><img src=https://evil.example/z>",
];

let stack: TestStack;
let browser: Browser;
let merchant: string;
let link: string;

const call = <Reply>(method: string, path: string, body?: object): Promise<Reply> =>
  ask<Reply>(stack.running(), path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

/** An event with the text wherever one may stand, or where one is read, at least in part. */
const eventWith = (text: string, at: number): object => ({
  id: `e-${at}`,
  name: at % 2 === 0 ? "purchase" : text,
  url: `https://shop.example/${text}?utm_source=${encodeURIComponent(text)}&utm_medium=cpc&utm_campaign=${encodeURIComponent(text)}&utm_term=${encodeURIComponent(text)}&utm_content=${encodeURIComponent(text)}`,
  referrer: `https://news.example/${text}`,
  title: text,
  language: text,
  screen: text,
  props: { [text]: text, plan: text },
  transaction_id: text,
  coupon: text,
  value: 10,
  currency: "EUR",
  items: [
    {
      item_id: text,
      item_name: text,
      item_brand: text,
      item_category: text,
      item_variant: text,
      price: 10,
      quantity: 1,
    },
  ],
});

async function seed(): Promise<void> {
  const text = (at: number): string => SCRIPTS[at % SCRIPTS.length]!;
  const { id } = await call<{ id: string }>("POST", "/api/v1/organisations", { name: text(0) });
  const shop = { organisation: id, name: text(1), zone: "Europe/Berlin", currency: "EUR" };
  merchant = (await call<{ id: string }>("POST", "/api/v1/merchants", shop)).id;
  const path = `/api/v1/merchants/${merchant}`;
  const today = new Intl.DateTimeFormat("sv", { timeZone: "Europe/Berlin" }).format();
  for (const [at, script] of SCRIPTS.entries()) {
    await call("POST", `${path}/goals`, { goal_type: "event", event_name: script, display_name: script });
    await call("POST", `${path}/annotations`, { date: today, text: script });
    await call("POST", `${path}/segments`, { name: script, filters: [["is", "page", [script]]] });
    await call("POST", `${path}/links`, { name: script });
    await call("POST", "/api/v1/tokens", { name: script, scope: "read", merchant });
    // One visitor each, so that each has a source of their own.
    const visitor = { ip: `203.0.113.${at}`, user_agent: PERSON, country: script, region: script, city: script };
    const receipts = await send(stack.running(), {
      merchant,
      visitor,
      events: [{ ...eventWith(script, at), visitor: undefined }],
    });
    expect([script, receipts?.[0]?.status]).toEqual([script, "accepted"]);
    const refused = { name: script, url: script, props: { [script]: {} } };
    expect((await send(stack.running(), { merchant, events: [refused] }))?.[0]?.status).toBe("rejected");
  }
  const { rules, version } = await call<{ rules: object; version: number }>("GET", `${path}/rules`);
  await call("PUT", `${path}/rules`, { rules, version, why: text(2), who: text(3) });
  const preview = { from: today, to: today, why: text(4), who: text(5) };
  await call("POST", `${path}/rules/preview`, preview);
  await call("POST", "/api/ops/replays", { ...preview, merchants: [merchant] });
  link = (await call<{ url: string }>("POST", `${path}/links`, { name: text(6) })).url;
  await ops(stack.running(), `/merchants/${merchant}/flush`, "POST");
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  await seed();
});

afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

/** Opens a page and gives what it says when it has come to rest; and whatever it did that it should not. */
async function shown(page: Page, address: string, wrong: string[]): Promise<string> {
  await page.goto(address);
  await page.waitForLoadState("networkidle", { timeout: 3_000 }).catch(() => {});
  await page.locator("h1, h2").first().waitFor();
  const state = await page.evaluate(() => ({
    hacked: "hacked" in window,
    text: document.body.innerText,
    // Markup that only somebody's text could have made, and links that would run.
    planted: [
      ...document.querySelectorAll(
        "iframe, script:not([src]), [onerror], [onload], [onfocus], a[href^='javascript:' i]",
      ),
    ].map(({ outerHTML }) => outerHTML.slice(0, 200)),
  }));
  if (state.hacked) wrong.push(`${address}: a script has run`);
  wrong.push(...state.planted.map((html) => `${address}: ${html}`));
  return state.text;
}

async function watched(wrong: string[]): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") wrong.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== stack.running().baseUrl) wrong.push(`asked ${request.url()}`);
  });
  return page;
}

test("hostile strings are text on every page of the dashboard", async () => {
  const { baseUrl, operatorToken } = stack.running();
  const wrong: string[] = [];
  const page = await watched(wrong);
  const query = `merchant=${merchant}&range=today`;
  await shown(page, `${baseUrl}/?${query}#token=${operatorToken}`, wrong);
  const texts: string[] = [];
  for (const { id, tabs } of PANELS)
    for (const tab of tabs) {
      texts.push(await shown(page, `${baseUrl}/?${query}&tab.${id}=${tab.id}`, wrong));
      texts.push(await shown(page, `${baseUrl}/?${query}&tab.${id}=${tab.id}&detail=${id}`, wrong));
    }
  for (const { id } of SETTINGS) texts.push(await shown(page, `${baseUrl}/settings/${id}?${query}`, wrong));
  for (const { id } of OPERATIONS) texts.push(await shown(page, `${baseUrl}/ops/${id}?${query}`, wrong));
  expect(wrong).toEqual([]);
  // They were there to be seen.
  const all = texts.join("\n");
  expect(SCRIPTS.filter((script) => !all.includes(script))).toEqual([]);
  await page.context().close();
});

test("hostile strings in the address are nothing", async () => {
  const { baseUrl, operatorToken } = stack.running();
  const wrong: string[] = [];
  const page = await watched(wrong);
  await shown(page, `${baseUrl}/?merchant=${merchant}#token=${operatorToken}`, wrong);
  for (const script of SCRIPTS) {
    const said = encodeURIComponent(script);
    for (const address of [
      `/?merchant=${merchant}&range=${said}&compare=${said}&metric=${said}&interval=${said}&tab.pages=${said}&detail=${said}&__proto__=${said}&tab.__proto__=${said}`,
      `/?merchant=${merchant}&range=today&f=${encodeURIComponent(`is,page,${script}`)}&f=${said}`,
      `/settings/${said}?merchant=${merchant}`,
      `/?merchant=${merchant}&range=today#${said}`,
    ])
      await shown(page, baseUrl + address, wrong);
  }
  expect(wrong).toEqual([]);
  await page.context().close();
});

test("hostile strings are text on a page that is shared", async () => {
  const wrong: string[] = [];
  const page = await watched(wrong);
  const text = await shown(page, `${link}?range=today`, wrong);
  expect(wrong).toEqual([]);
  expect(text).toContain(SCRIPTS[1]);
  await page.context().close();
});

const ALONE = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
};

const hashOf = (script: string): string => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

test("every page runs our own files only, is framed by nobody, and is open to no other site", async () => {
  const { baseUrl } = stack.running();
  const pages = [
    "/",
    "/index.html",
    "/docs/api",
    "/settings/goals",
    "/share/l_none",
    "/nothing",
    "/shop/",
    "/shop/cart",
    "/shop/nothing",
  ];
  for (const path of pages) {
    const { headers, text } = await fetch(baseUrl + path, { headers: { origin: "https://evil.example" } }).then(
      async (response) => ({
        headers: Object.fromEntries(response.headers),
        text: await response.text(),
      }),
    );
    expect([path, headers]).toEqual([path, expect.objectContaining(ALONE)]);
    expect([path, headers["access-control-allow-origin"]]).toEqual([path, undefined]);
    expect([path, headers["permissions-policy"]]).toEqual([path, expect.stringContaining("camera=()")]);
    const policy = headers["content-security-policy"] ?? "";
    for (const rule of [
      "default-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ])
      expect([path, policy.split("; ")]).toEqual([path, expect.arrayContaining([rule])]);
    expect([path, policy]).toEqual([path, expect.not.stringMatching(/unsafe|https?:|\*|,/)]);
    // Inline scripts are the shop's, which shows how shops embed; each is named by its hash.
    for (const [, script = ""] of text.matchAll(/<script>(.*?)<\/script>/gs)) {
      expect([path, path.startsWith("/shop/")]).toEqual([path, true]);
      expect([path, policy]).toEqual([path, expect.stringContaining(hashOf(script))]);
    }
    expect([path, text]).toEqual([path, expect.not.stringMatching(/<[^>]+\s(?:on\w+|style)=/)]);
    // What visitors may have come with is no other site's business; the shop shows what shops do.
    expect([path, headers["referrer-policy"]]).toEqual([path, path.startsWith("/shop/") ? undefined : "same-origin"]);
  }
});

test("the script is open to every site, and nothing else is", async () => {
  const { baseUrl } = stack.running();
  const page = await (await fetch(`${baseUrl}/`)).text();
  const [, asset = ""] = /src="(\/assets\/[^"]+)"/.exec(page) ?? [];
  const headersOf = async (path: string) => (await fetch(baseUrl + path)).headers;
  const [script, file, picture, api] = await Promise.all(
    ["/s.js", asset, "/p.gif", "/api/v1/schemas/collect"].map(headersOf),
  );
  const open = (headers: Headers | undefined): unknown[] =>
    ["access-control-allow-origin", "cross-origin-resource-policy"].map((name) => headers?.get(name));
  expect(open(script)).toEqual(["*", "cross-origin"]);
  expect(open(file)).toEqual([null, "same-origin"]);
  expect(open(picture)).toEqual(["*", "cross-origin"]);
  expect(open(api)).toEqual([null, "same-origin"]);
});

test("the shop works under its policy", async () => {
  const wrong: string[] = [];
  const page = await watched(wrong);
  const said = encodeURIComponent(SCRIPTS[0]!);
  await shown(page, `${stack.running().baseUrl}/shop/?merchant=${said}&from=${said}`, wrong);
  expect(await page.evaluate(() => "countinghouse" in window)).toBe(true);
  // Its own two inline scripts are the only ones.
  expect(wrong.filter((each) => !/: <script>\s+(?:window\.countinghouse|\(function)/.test(each))).toEqual([]);
  await page.context().close();
});

/** A gigabyte of zeros, or nearly, in less than a request may have. */
async function bomb(): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const zeros = Buffer.alloc(10_000_000);
  const written = (async () => {
    for (let i = 0; i < 95; i++) if (!gzip.write(zeros)) await new Promise((drained) => gzip.once("drain", drained));
    gzip.end();
  })();
  const pieces: Buffer[] = [];
  for await (const piece of gzip) pieces.push(piece as Buffer);
  await written;
  return Buffer.concat(pieces);
}

/** The most that any process of the stack has had in memory, in MB. */
const peakMegabytes = (group: number): number =>
  Math.max(
    ...fs.globSync("/proc/[0-9]*/stat").map((file) => {
      const [state, , its] = readOrEmpty(file).split(") ").at(-1)?.split(" ") ?? [];
      if (Number(its) !== group || state === "Z" || !readOrEmpty(file).includes("(workerd")) return 0;
      return Number(/VmHWM:\s+(\d+)/.exec(readOrEmpty(file.replace(/stat$/, "status")))?.[1] ?? 0) / 1_000;
    }),
  );

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

test.runIf(fs.existsSync("/proc/self"))("bombs of gzip take no memory, and collecting goes on", async () => {
  const { baseUrl, pids } = stack.running();
  const packed = await bomb();
  expect(packed.length).toBeLessThan(1_000_000);
  const before = peakMegabytes(pids.stack);
  expect(before).toBeGreaterThan(10);
  const throwIt = async (): Promise<number> => {
    const headers = { "content-encoding": "gzip", "content-type": "application/json" };
    return (await fetch(`${baseUrl}/e`, { method: "POST", headers, body: new Uint8Array(packed) })).status;
  };
  expect(await Promise.all(Array.from({ length: 8 }, throwIt))).toEqual(Array.from({ length: 8 }, () => 413));
  expect(peakMegabytes(pids.stack) - before).toBeLessThan(128);
  const event = { id: "after", name: "pageview", url: "https://shop.example/" };
  expect((await send(stack.running(), { merchant, events: [event] }))?.[0]?.status).toBe("accepted");
});
