// What tests in a browser share: what a page complains of, what axe finds on it, how forms are filled in and links followed.

import axe from "axe-core";
import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** A headless browser says so, and is then counted as a bot. */
export const PERSON =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/** A busy machine gets time; a condition that holds is seen at once. */
export const eventually = <Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> =>
  expect.poll(read, { timeout: 60_000, interval: 20 });

/** In a context of its own, which the caller closes. What it complains of is added to the list, but what is expected. */
export async function pageOf(
  browser: Browser,
  complaints: string[],
  { locale = "en-GB", isExpected }: { locale?: string; isExpected?: (text: string) => boolean } = {},
): Promise<Page> {
  const context = await browser.newContext({ locale, reducedMotion: "reduce" });
  const page = await context.newPage();
  hear(page, complaints, isExpected);
  return page;
}

/** From now on the page's errors and warnings are added to the list, but those that are expected. */
function hear(page: Page, complaints: string[], isExpected: (text: string) => boolean = () => false): void {
  page.on("console", (message) => {
    const text = message.text();
    if (["error", "warning"].includes(message.type()) && !isExpected(text)) complaints.push(text);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
}

/** Keys go there: what opens takes the focus a moment after it can be seen, and gives it back a moment after it is gone. */
export const hasFocus = (place: Locator): Promise<void> =>
  eventually(() => place.evaluate((element) => element.contains(document.activeElement))).toBe(true);

/** Once nothing is on its way: what is, is pale on purpose. */
export async function passesAxe(page: Page, what: string): Promise<void> {
  await eventually(() => page.locator("[aria-busy=true]").count()).toBe(0);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: present } = window as unknown as { axe: typeof axe };
    const { violations } = await present.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(found, what).toEqual([]);
}

/** By their labels. */
export async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

/** As from a mail: a page of its own, also when only what stands after the "#" differs. */
export async function follow(page: Page, link: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(link);
}
