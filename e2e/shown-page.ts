// The dashboard as one reader sees it, and the API's plain answers to the same questions. What differs is told in words; that nothing
// does is for the tests to expect.

import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { type Metric, METRIC_NAMES, METRICS, type MetricValue } from "../core/metrics.ts";
import { type Report, report } from "./questions.ts";
import { difference, NumberReader } from "./shown-numbers.ts";
import type { TestStack } from "./stack.ts";

export interface View {
  merchant: string;
  /** First and last date. */
  dates: [string, string];
  locale: string;
  country?: string;
  /** By which properties are listed. */
  property?: string;
}

type Row = Pick<Report["results"][number], "dimensions"> & { label?: string };

/** The answers' `type` of Intl.DisplayNames. */
const NAMES: Readonly<Record<string, "region" | "language">> = { country: "region", language: "language" };
const OWN_NAMES: Readonly<Record<string, string>> = {
  "(not set)": "Not set",
  "(other)": "All others",
  "(direct)": "Direct",
};

export class ShownPage {
  readonly page: Page;
  readonly view: View;
  readonly reader: NumberReader;
  readonly #stack: TestStack;

  private constructor(stack: TestStack, page: Page, view: View) {
    this.#stack = stack;
    this.page = page;
    this.view = view;
    this.reader = new NumberReader(view.locale);
  }

  /** Signed in, in a context of its own, which `end` closes. */
  static async begin(stack: TestStack, browser: Browser, view: View): Promise<ShownPage> {
    const context = await browser.newContext({ locale: view.locale, reducedMotion: "reduce" });
    const page = await context.newPage();
    const { baseUrl, operatorToken } = stack.running();
    await page.goto(`${baseUrl}/?merchant=${view.merchant}#token=${operatorToken}`);
    await page.locator(".figure").first().waitFor();
    return new ShownPage(stack, page, view);
  }

  end = (): Promise<void> => this.page.context().close();

  get filters(): unknown[] {
    return this.view.country === undefined ? [] : [["is", "country", [this.view.country]]];
  }

  /** To the API, about what the page is about. */
  question(more: Record<string, unknown>): Promise<Report> {
    const { merchant, dates } = this.view;
    return report(this.#stack, { merchant, date_range: dates, filters: this.filters, ...more });
  }

  /** The page of the view, when nothing is on its way. */
  async open(parameters: Record<string, string> = {}): Promise<void> {
    const { merchant, dates, country } = this.view;
    const query = new URLSearchParams({ merchant, range: dates.join(".."), interval: "day", ...parameters });
    if (country !== undefined) query.set("f", `is,country,${country}`);
    await this.page.goto(`${this.#stack.running().baseUrl}/?${query}`);
    await this.page.locator(".figure-value").first().waitFor();
    await this.quiet();
  }

  quiet(): Promise<void> {
    const busy = this.page.locator("[aria-busy=true], .skeleton");
    return expect.poll(() => busy.count(), { timeout: 60_000, interval: 50 }).toBe(0);
  }

  /** What a row is called, from what the API says of it. */
  nameOf(field: string, { dimensions: [value = ""], label }: Row): string {
    const type = NAMES[field];
    if (Object.hasOwn(OWN_NAMES, value)) return OWN_NAMES[value]!;
    if (type === undefined) return label ?? value;
    return new Intl.DisplayNames(this.view.locale, { type }).of(value) ?? value;
  }

  /** What of the texts is not what was answered, in words. */
  differences(metrics: readonly Metric[], texts: readonly string[], values: readonly MetricValue[]): string[] {
    return metrics.flatMap((metric, at) => {
      const { kind } = METRICS[metric];
      const differs = difference(kind, this.reader.value(kind, texts[at] ?? ""), values[at]);
      return differs === null ? [] : [`${metric}: ${differs}, as "${texts[at]}"`];
    });
  }
}

export const cellsOf = (table: Locator): Promise<string[][]> =>
  table.evaluate((element) =>
    [...(element as HTMLTableElement).rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
  );

/** Throws when none is called so. */
export function metricCalled(label: string): Metric {
  const found = METRIC_NAMES.find((name) => METRICS[name].label === label);
  if (found === undefined) throw new Error(`no metric is called ${label}`);
  return found;
}
