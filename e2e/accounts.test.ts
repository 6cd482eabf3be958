// People in a real browser on a whole stack: from signing up by way of the mail to the numbers of one's own merchant, and back in
// after a forgotten password; and the account that the stack begins with.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { linkIn, mailTo } from "./mails.ts";
import { fill, follow, passesAxe } from "./page-checks.ts";
import { startStack, type TestStack } from "./stack.ts";

const PASSWORD = "correct horse battery";

let stack: TestStack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await stack.remove();
});

beforeEach(async () => {
  context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce" });
  page = await context.newPage();
});

afterEach(() => context.close());

const button = (name: string) => page.getByRole("button", { name, exact: true });

const api = (path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> =>
  page.evaluate(
    async ([to, text]) => {
      const response = await fetch(to!, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: text!,
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    [path, JSON.stringify(body)],
  );

test("sign up, confirm by mail, sign in, make a merchant, see it; forget the password, and come back", async () => {
  const { baseUrl } = stack.running();
  const email = "ada@hats.example";
  await page.goto(baseUrl);
  await button("Sign up").click();
  await passesAxe(page, "sign up");
  await fill(page, { "Your name": "Ada", "Address of mail": email, Password: PASSWORD });
  await button("Sign up").click();
  await page.getByText("We have sent a mail").waitFor();
  await fill(page, { "Address of mail": email, Password: PASSWORD });
  await button("Sign in").click();
  await page.getByText("This address is not confirmed yet").waitFor();

  await follow(page, linkIn(await mailTo(stack, email, 2)));
  await page.getByText("Your address is confirmed").waitFor();
  expect(new URL(page.url()).hash).toBe("");
  await fill(page, { "Address of mail": email, Password: "wrong horse battery" });
  await button("Sign in").click();
  await page.getByText("Address or password is not right").waitFor();
  await fill(page, { "Address of mail": email, Password: PASSWORD });
  await button("Sign in").click();
  await page.getByText("No merchants yet").waitFor();

  const { body: organisation } = await api("/api/v1/organisations", { name: "Hats" });
  const merchant = { organisation: organisation["id"], name: "Hats of Ada", zone: "Europe/Paris", currency: "EUR" };
  expect((await api("/api/v1/merchants", merchant)).status).toBe(201);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: /Hats of Ada/ }).waitFor();
  expect(await page.getByText("Demo shop").count()).toBe(0);

  await context.clearCookies();
  await page.goto(baseUrl);
  await button("Forgot the password?").click();
  await fill(page, { "Address of mail": email });
  await button("Send a link").click();
  await page.getByText("a mail is on its way").waitFor();
  await follow(page, linkIn(await mailTo(stack, email, 3)));
  await fill(page, { Password: "another horse battery" });
  await passesAxe(page, "a new password");
  await button("Set the password").click();
  await page.getByText("The password is changed").waitFor();
  await fill(page, { "Address of mail": email, Password: "another horse battery" });
  await button("Sign in").click();
  await page.getByRole("heading", { level: 1, name: /Hats of Ada/ }).waitFor();
});

test("the account that the stack begins with owns the demo merchants, invites, and is told apart from the operator", async () => {
  const { baseUrl, demoAccount } = stack.running();
  expect(stack.output()).toContain(`${demoAccount.email} with ${demoAccount.password}`);
  await page.goto(baseUrl);
  await fill(page, { "Address of mail": demoAccount.email, Password: demoAccount.password });
  await button("Sign in").click();
  await page.getByRole("heading", { level: 1, name: /shop|crafts|log|Retail/ }).waitFor();
  const invited = await api("/api/v1/invitations", {
    organisation: "o_demo",
    email: "bob@hats.example",
    role: "viewer",
  });
  expect(invited.status).toBe(201);
  const ops = await page.evaluate(async () => (await fetch("/api/ops/status")).status);
  expect(ops).toBe(403);

  // Bob follows the link, has no account, signs up, confirms, and follows it again.
  const guest = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce" });
  page = await guest.newPage();
  const invitation = linkIn(await mailTo(stack, "bob@hats.example", 1));
  await follow(page, invitation);
  await page.getByText("You are invited").waitFor();
  await button("Sign up").click();
  await fill(page, { "Your name": "Bob", "Address of mail": "bob@hats.example", Password: PASSWORD });
  await button("Sign up").click();
  await follow(page, linkIn(await mailTo(stack, "bob@hats.example", 2)));
  await page.getByText("Your address is confirmed").waitFor();
  await follow(page, invitation);
  await fill(page, { "Address of mail": "bob@hats.example", Password: PASSWORD });
  await button("Sign in").click();
  await page.getByRole("heading", { level: 1, name: /shop|crafts|log|Retail/ }).waitFor();
  const { status } = await api("/api/v1/merchants", {
    organisation: "o_demo",
    name: "x",
    zone: "Etc/UTC",
    currency: "EUR",
  });
  expect(status).toBe(403);
  await guest.close();
});
