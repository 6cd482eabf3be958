// A measure as rollups have it, for people: money of its currency, times in seconds. Pure.

import { formatUnits } from "../../core/money.ts";
import { words } from "./words.ts";

/** `currency` is null where money of several is added up, which says nothing. */
export function measureText(measure: string, value: number | string | null, currency: string | null): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  if (measure === "gross" || measure === "refunds")
    return currency === null ? "several currencies" : `${formatUnits(value, currency)} ${currency}`;
  if (measure === "duration") return `${Math.round(value / 1_000).toLocaleString()} s`;
  return value.toLocaleString();
}

export const measureName = (measure: string): string => (measure === "gross" ? "gross revenue" : words(measure));
