// People and their merchants in a real browser on a whole stack: somebody signs up, makes a merchant, invites, gives roles, sets a
// second factor up, and hands out tokens and links; what a role does not allow is not offered; and all of it works by keyboard.

import jsQR from "jsqr";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { totpCode } from "../workers/auth-totp.ts";
import { launchBrowser } from "./browser.ts";
import { linkIn, mailTo } from "./mails.ts";
import { fill, follow, hasFocus, pageOf, passesAxe } from "./page-checks.ts";
import { startStack, type TestStack, until } from "./stack.ts";

const PASSWORD = "correct horse battery";

let stack: TestStack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await stack.remove();
});

beforeEach(async () => {
  complaints = [];
  [context, page] = await somebody();
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

/** A browser of their own. What the page is refused on purpose, it says on the console. */
async function somebody(): Promise<[BrowserContext, Page]> {
  const isExpected = (text: string): boolean => /status of 4\d\d|WebSocket is closed before/.test(text);
  const its = await pageOf(browser, complaints, { locale: "en-US", isExpected });
  await its.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  return [its.context(), its];
}

const button = (name: string, its = page) => its.getByRole("button", { name, exact: true });

/** Mails to the address so far: `mails`. */
async function signUp({ name, email, mails = 0 }: { name: string; email: string; mails?: number }, its = page) {
  await its.goto(stack.running().baseUrl);
  await button("Sign up", its).click();
  await fill(its, { "Your name": name, "Address of mail": email, Password: PASSWORD });
  await button("Sign up", its).click();
  await follow(its, linkIn(await mailTo(stack, email, mails + 1)));
  await its.getByText("Your address is confirmed").waitFor();
}

async function signIn(email: string, its = page): Promise<void> {
  await fill(its, { "Address of mail": email, Password: PASSWORD });
  await button("Sign in", its).click();
}

async function makeMerchant(name: string): Promise<void> {
  await page.getByText("No merchants yet").waitFor();
  await fill(page, {
    "Name of your organisation": `${name} Ltd`,
    "Name of the shop": name,
    "Currency of its numbers": "EUR",
  });
  await button("Make the merchant").click();
  await page.getByText("Waiting for the first event").waitFor();
}

async function open(section: string, title: string, its = page): Promise<void> {
  await its.goto(`${stack.running().baseUrl}/settings/${section}`);
  await its.getByRole("heading", { level: 1, name: title }).waitFor();
  await its.locator(".skeleton-rows").first().waitFor({ state: "detached" });
}

async function passesAxeInBoth(what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await passesAxe(page, `${what}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** Presses the key until what has the focus is called so. */
async function pressTo(name: RegExp, key: "Tab" | "ArrowDown" = "Tab"): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(key);
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
      return element?.getAttribute("aria-label") ?? (labels[0] ?? element)?.textContent ?? "";
    });
    if (name.test(focused.trim())) return;
  }
  throw new Error(`${key} does not come to ${name}`);
}

/** What a camera reads off the screen. */
async function scanned(code: Locator): Promise<string | undefined> {
  const picture = (await code.screenshot()).toString("base64");
  const blank = await context.newPage();
  const { pixels, width, height } = await blank.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    return { pixels: [...data], width: image.width, height: image.height };
  }, picture);
  await blank.close();
  return jsQR(Uint8ClampedArray.from(pixels), width, height)?.data;
}

test("a shop of one's own; somebody is invited, accepts, and is given another role", async () => {
  const ada = "ada@hats.example";
  const bob = "bob@hats.example";
  await signUp({ name: "Ada", email: ada });
  await signIn(ada);
  await page.getByText("No merchants yet").waitFor();
  await passesAxeInBoth("no merchants");
  await fill(page, {
    "Name of your organisation": "Hats Ltd",
    "Name of the shop": "Hats",
    "Currency of its numbers": "EUR",
  });
  await page.getByLabel(/^Domains/).fill("no host!");
  await button("Make the merchant").click();
  await page.getByText("A domain is a host name").waitFor();
  await page.getByLabel(/^Domains/).fill("https://hats.example/shop");
  await button("Make the merchant").click();
  await page.getByText("Waiting for the first event").waitFor();
  const merchant = new URL(page.url()).searchParams.get("merchant");
  await page.getByText(`data-merchant="${merchant}"`).waitFor();
  await open("merchant", "Merchant");
  expect(await page.getByLabel(/^Domains/).inputValue()).toBe("hats.example");

  await open("people", "People");
  await page.getByText("Owner, the only one").waitFor();
  await fill(page, { "Address of mail": bob });
  await button("Invite").click();
  await page.getByText("The mail is on its way").waitFor();
  await passesAxeInBoth("people");

  const [guest, guestPage] = await somebody();
  const invitation = linkIn(await mailTo(stack, bob, 1));
  await signUp({ name: "Bob", email: bob, mails: 1 }, guestPage);
  await follow(guestPage, invitation);
  await signIn(bob, guestPage);
  await guestPage.getByRole("heading", { level: 1, name: "Hats" }).waitFor();
  await open("people", "People", guestPage);
  await guestPage.getByText("Admins and owners invite people").waitFor();
  expect(await guestPage.getByRole("button", { name: /Role of|Remove|Withdraw/ }).count()).toBe(0);
  expect(await guestPage.getByRole("link", { name: "Tokens" }).count()).toBe(0);

  await page.reload();
  await page.getByText("None is open.").waitFor();
  await button("Role of Bob: Viewer").click();
  await page.getByRole("menuitemradio", { name: /^Admin/ }).click();
  await button("Role of Bob: Admin").waitFor();
  await open("tokens", "Tokens", guestPage);
  await guestPage.getByText("A new token").waitFor();

  await open("people", "People");
  await button("Remove Bob").click();
  await passesAxeInBoth("a question");
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await page.getByText(bob).waitFor({ state: "detached" });
  await open("audit", "Audit log");
  await page.getByText("The organisation", { exact: true }).click();
  await page.getByRole("listitem").filter({ hasText: "member removed" }).waitFor();
  await passesAxeInBoth("audit log");
  await guest.close();
});

test("a second factor is set up, asked for at sign-in, and its backup codes work", async () => {
  const email = "eve@caps.example";
  await signUp({ name: "Eve", email });
  await signIn(email);
  await page.getByText("No merchants yet").waitFor();
  await page.getByRole("link", { name: "Your account" }).click();
  await page.getByText("Off. With it").waitFor();
  await fill(page, { "Your password": "wrong horse battery" });
  await button("Set it up").click();
  await page.getByText("The password is not right").waitFor();
  await fill(page, { "Your password": PASSWORD });
  await button("Set it up").click();
  const uri = await page.getByRole("link", { name: "open it in one on this device" }).getAttribute("href");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await scanned(page.getByRole("img", { name: "The key as a code for a camera" }))).toBe(uri);
  }
  await passesAxeInBoth("account");
  await fill(page, { "Code of the app": await totpCode(uri!, Date.now()) });
  await button("Turn it on").click();
  await page.getByText("On: signing in asks").waitFor();
  await button("Copy: Backup codes").click();
  await page.getByText("Copied", { exact: true }).first().waitFor();
  const codes = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(codes.length).toBeGreaterThan(5);

  const [phone, phonePage] = await somebody();
  await phonePage.goto(stack.running().baseUrl);
  await signIn(email, phonePage);
  await fill(phonePage, { Code: codes[0]! });
  await button("Sign in", phonePage).click();
  await phonePage.getByText("No merchants yet").waitFor();

  await page.reload();
  await page.getByRole("button", { name: /^End the session of Chrome/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End" }).click();
  await page.getByRole("button", { name: /^End the session/ }).waitFor({ state: "detached" });
  await phonePage.reload();
  await phonePage.getByRole("heading", { name: "Sign in" }).waitFor();
  await phone.close();

  await page.getByText("Turn it off", { exact: true }).first().click();
  await page.locator("details[open]").getByLabel("Your password").fill(PASSWORD);
  await button("Turn it off").click();
  await page.getByText("Off. With it").waitFor();
});

test("a token is made, used and revoked; a link is shared and withdrawn; a visitor is erased", async () => {
  const email = "ivy@bags.example";
  await signUp({ name: "Ivy", email });
  await signIn(email);
  await makeMerchant("Bags");
  await open("tokens", "Tokens");
  await fill(page, { "Name: what uses it": "Nightly export" });
  await button("Make the token").click();
  await button("Copy: Token").click();
  await page.getByText("Copied", { exact: true }).first().waitFor();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  await passesAxeInBoth("tokens");
  const ask = () =>
    fetch(`${stack.running().baseUrl}/api/v1/merchants`, { headers: { authorization: `Bearer ${token}` } });
  expect(((await (await ask()).json()) as { merchants: { name: string }[] }).merchants[0]?.name).toBe("Bags");
  await button("Replace Nightly export").click();
  await page.getByLabel("The former one works").selectOption({ label: "for a day more" });
  await button("Make the new one").click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await page.getByLabel("Token", { exact: true }).innerText()).not.toBe(token);
  await page.reload();
  await page.getByText("cht_rd_").first().waitFor();
  expect(await page.getByText(token).count()).toBe(0);
  for (let left = 2; left > 0; left--) {
    await button("Revoke Nightly export").first().click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText(`Expired and revoked (${3 - left})`).waitFor();
  }
  await until(async () => (await ask()).status === 401, 60_000, "The token still opens something");

  await open("sharing", "Sharing");
  await fill(page, { "Name: who it is for": "The board" });
  await page.getByLabel(/^Sites/).fill("https://board.example");
  await button("Make the link").click();
  await page.getByRole("group", { name: "Code that shows The board in a page" }).waitFor();
  const url = await page.getByRole("group", { name: "Link of The board" }).innerText();
  const shown = await fetch(url.trim());
  expect(shown.headers.get("content-security-policy")).toContain("frame-ancestors https://board.example");
  await passesAxeInBoth("sharing");
  await button("Withdraw The board").click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Withdraw" }).click();
  await page.getByText(/^Withdrawn/).waitFor();

  await open("data", "Data");
  await fill(page, { "The visitor’s id": "customer-17", "Why (for the record; no names)": "asked by letter" });
  await page.getByLabel("It cannot be undone").check();
  await button("Erase for good").click();
  await page.getByRole("list", { name: "Erasures" }).getByText("asked by letter").waitFor();
  expect(await page.getByText("customer-17").count()).toBe(0);
});

test("by keyboard alone: a merchant is made, and somebody invited and taken back", async () => {
  const email = "max@keys.example";
  await signUp({ name: "Max", email });
  await signIn(email);
  await page.getByText("No merchants yet").waitFor();
  await pressTo(/^Name of your organisation/);
  await page.keyboard.type("Keys Ltd");
  await pressTo(/^Name of the shop/);
  await page.keyboard.type("Keys");
  await pressTo(/^Currency/);
  await page.keyboard.type("usd");
  await page.keyboard.press("Enter");
  await page.getByText("Waiting for the first event").waitFor();
  await pressTo(/^Menu$/);
  await page.keyboard.press("Enter");
  await hasFocus(page.getByRole("menu"));
  await pressTo(/^Settings$/, "ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Merchant" }).waitFor();
  await pressTo(/^People$/);
  await page.keyboard.press("Enter");
  await page.getByText("None is open.").waitFor();
  await pressTo(/^Address of mail/);
  await page.keyboard.type("pam@keys.example");
  await page.keyboard.press("Enter");
  await page.getByText("The mail is on its way").waitFor();
  await pressTo(/^Withdraw the invitation of pam@keys.example$/);
  await page.keyboard.press("Enter");
  await hasFocus(page.getByRole("alertdialog"));
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await hasFocus(button("Withdraw the invitation of pam@keys.example"));
  await page.keyboard.press("Enter");
  await hasFocus(page.getByRole("alertdialog"));
  await pressTo(/^Withdraw$/);
  await page.keyboard.press("Enter");
  await page.getByText("None is open.").waitFor();
});
