// Numbers as a page shows them, read back the way a person of that locale reads them, and held against what the API says: the same
// up to the digits that are shown.

import type { MetricKind, MetricValue } from "../core/metrics.ts";

const UNITS = [
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Half of the last digit that is shown. */
const PRECISION: Readonly<Record<MetricKind, number>> = {
  count: 0,
  money: 0.005,
  percent: 0.05,
  ratio: 0.005,
  seconds: 0.5,
};
/** Binary fractions. */
const SLACK = 1e-9;

export class NumberReader {
  readonly #group: string;
  readonly #decimal: string;
  readonly #units: { word: string; seconds: number }[];

  constructor(locale: string) {
    const parts = new Intl.NumberFormat(locale).formatToParts(1_234_567.8);
    const symbol = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
    this.#group = symbol("group");
    this.#decimal = symbol("decimal");
    this.#units = UNITS.map(([unit, seconds]) => {
      const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "narrow" });
      return { word: format.formatToParts(2).find(({ type }) => type === "unit")?.value ?? "", seconds };
    });
  }

  /** Null for what is no number. */
  number(text: string): number | null {
    const plain = text.replaceAll(this.#group, "").replaceAll(this.#decimal, ".").replaceAll("−", "-");
    const digits = plain.replaceAll(/[^\d.-]/g, "");
    return digits === "" || digits === "-" ? null : Number(digits);
  }

  /** Of a metric's kind: "£1,234.50", "3,4 %", "1m 4s". */
  value(kind: MetricKind, text: string): number | null {
    return kind === "seconds" ? this.#duration(text) : this.number(text);
  }

  /** Numbers and words in turn: "2", "Min.", "3", "Sek.". */
  #duration(text: string): number | null {
    const words = text.match(/\d(?:[\d.,]*\d)?|[^\d\s]+/g) ?? [];
    let sum: number | null = null;
    for (let at = 0; at + 1 < words.length; at += 2) {
      const unit = this.#units.find(({ word }) => word.trim() === words[at + 1]);
      if (unit === undefined) return null;
      sum = (sum ?? 0) + unit.seconds * (this.number(words[at]!) ?? Number.NaN);
    }
    return sum;
  }
}

export const numberIn = (value: MetricValue | undefined): number | null =>
  value === null || value === undefined ? null : typeof value === "number" ? value : Number(value.value);

/** Says what differs; null when nothing does. */
export function difference(kind: MetricKind, shown: number | null, answered: MetricValue | undefined): string | null {
  const wanted = numberIn(answered);
  if (shown === null || wanted === null) return shown === wanted ? null : `${shown} instead of ${wanted}`;
  // From an hour on seconds are not shown.
  const precision = kind === "seconds" && wanted >= 3_600 ? 60 : PRECISION[kind];
  return Math.abs(shown - wanted) <= precision + SLACK * Math.abs(wanted) ? null : `${shown} instead of ${wanted}`;
}
