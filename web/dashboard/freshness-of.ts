// How fresh an answer is, in words. Pure.

import type { Answer } from "../../core/answer.ts";
import type { Format } from "./format.ts";
import type { Period } from "./range.ts";

export interface Freshness {
  /** "Complete to 14:00, live to 14:23:05" */
  text: string;
  /** The dates compared with, in words; left out without a comparison. */
  compared?: string;
  stale: boolean;
}

export const freshnessOf = ({ meta, query }: Answer, period: Period, format: Format): Freshness => {
  const stale = meta.stale !== null;
  const compared = comparedDates(query);
  return {
    text: textOf(meta, period, format),
    ...(compared === null ? {} : { compared: format.dates(...compared) }),
    stale,
  };
};

function textOf(meta: Answer["meta"], { open }: Period, format: Format): string {
  const { fresh_to: fresh, complete_to: complete } = meta;
  if (fresh === null) return "Not up to date";
  const live = format.time(Date.parse(fresh), true);
  if (complete === null) return `Live to ${live}, older hours may be missing`;
  return open ? `Complete to ${format.time(Date.parse(complete), false)}, live to ${live}` : "Complete";
}

/** From the query as the API understood it: its instants begin with the merchant's local dates. */
function comparedDates(query: Answer["query"]): [string, string] | null {
  const include = query["include"] as { comparisons?: { date_range?: [string, string] } } | undefined;
  const range = include?.comparisons?.date_range;
  return range === undefined ? null : [range[0].slice(0, 10), range[1].slice(0, 10)];
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)/g;

/** A sentence of the API with its instants as the reader writes them, on the merchant's clock. */
export const readable = (sentence: string, format: Format): string =>
  sentence.replaceAll(INSTANT, (instant) => format.dateTime(Date.parse(instant)));
