// An hour of a small shop as a rollup, from a seed: some twenty visits, about a hundred dimension values, each with
// its sketch. Sizes are what benchmarks need to be true; the numbers mean nothing.

import {
  type Column,
  type ColumnSketches,
  DIMENSIONS,
  type Dimension,
  MEASURES,
  type Measure,
  type Rollup,
} from "../core/rollup.ts";

export interface Sample {
  merchant: string;
  hourMs: number;
  seq: number;
  seed: number;
}

/** Values of a dimension in such an hour, and how one reads. */
const SHAPES: Record<Dimension, [number, (n: number) => string]> = {
  entry_page: [7, (n) => `/collections/spring/${n}`],
  channel: [4, (n) => ["Direct", "Organic Search", "Paid Social", "Email"][n % 4]!],
  source: [5, (n) => ["google", "instagram", "newsletter", "bing", "(direct)"][n % 5]!],
  referrer: [6, (n) => `https://www.partner-${n}.example/articles/${n * 7}`],
  utm_source: [3, (n) => `source-${n}`],
  utm_medium: [3, (n) => ["cpc", "email", "(not set)"][n % 3]!],
  utm_campaign: [3, (n) => `spring-sale-${n}`],
  utm_content: [2, (n) => `banner-${n}`],
  utm_term: [2, (n) => `garden chair ${n}`],
  country: [4, (n) => ["DE", "FR", "US", "GB"][n % 4]!],
  region: [5, (n) => `Region ${n}`],
  city: [8, (n) => `City ${n}`],
  browser: [4, (n) => ["Chrome", "Safari", "Firefox", "Edge"][n % 4]!],
  browser_version: [6, (n) => `Chrome ${120 + n}`],
  os: [4, (n) => ["Windows", "iOS", "Android", "macOS"][n % 4]!],
  os_version: [6, (n) => `iOS ${n}.1`],
  device: [3, (n) => ["desktop", "mobile", "tablet"][n % 3]!],
  language: [3, (n) => ["de-DE", "en-US", "fr-FR"][n % 3]!],
  exit_page: [9, (n) => `/products/${n * 13}`],
  page: [20, (n) => `/products/chair-model-${n * 17}`],
  hostname: [1, () => "shop.example"],
  event: [6, (n) => ["pageview", "view_item", "add_to_cart", "begin_checkout", "purchase", "engagement"][n % 6]!],
  product: [10, (n) => `SKU-${1000 + n}`],
};

const VISIT_MEASURES: Measure[] = ["visits", "pageviews", "events", "bounces", "duration", "orders", "gross"];

export function sampleHour({ merchant, hourMs, seq, seed }: Sample): Rollup {
  const random = randomFrom(seed);
  const upTo = (max: number): number => Math.floor(random() * max);
  const dimensions: Partial<Record<Dimension, Column>> = {};
  const sketches: Partial<Record<Dimension, ColumnSketches>> = {};
  for (const dimension of DIMENSIONS) {
    const [count, textOf] = SHAPES[dimension];
    const visitors = Array.from({ length: count }, () => 1 + upTo(6));
    const column: Column = { v: visitors.map((_, n) => textOf(n)), visitors };
    if (dimension === "product") column.label = visitors.map((_, n) => `Garden chair number ${n}`);
    for (const measure of VISIT_MEASURES)
      column[measure] = visitors.map((n) => (measure === "duration" ? n * upTo(400_000) : n * upTo(4)));
    dimensions[dimension] = column;
    sketches[dimension] = { anonymous: visitors.map((n) => explicitSketch(n, random)) };
  }
  return {
    merchant,
    shard: 0,
    date: new Date(hourMs).toISOString().slice(0, 10),
    hour: hourMs,
    currency: "EUR",
    seq,
    totals: Object.fromEntries(MEASURES.map((measure) => [measure, upTo(1_000)])) as Record<Measure, number>,
    foreign: 0,
    anonymous: explicitSketch(20, random),
    identified: null,
    minutes: minutesOf(20, upTo),
    dimensions,
    sketches,
  };
}

function minutesOf(count: number, upTo: (max: number) => number): Column {
  const minutes = Array.from({ length: count }, (_, n) => n * 3);
  return {
    v: minutes,
    visitors: minutes.map(() => 1 + upTo(3)),
    visits: minutes.map(() => upTo(2)),
    pageviews: minutes.map(() => 1 + upTo(5)),
  };
}

/** postgresql-hll's explicit form: three bytes of header and eight a visitor. */
function explicitSketch(visitors: number, random: () => number): string {
  const digits = Array.from({ length: visitors * 16 }, () => Math.floor(random() * 16).toString(16));
  return `128c7f${digits.join("")}`;
}

/** Mulberry32: small, quick, the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
