import fc from "fast-check";
import { expect, test } from "vitest";
import { type Envelope, type Hit, instantOf, readHit, readVisitor } from "./hit.ts";
import * as limits from "./limits.ts";
import { explain, type Rejection } from "./rejection.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 14);
const HOUR_MS = 3_600_000;
const stranger: Envelope = { receivedAtMs: NOW_MS, trusted: false, sentAtMs: null };
const trusted: Envelope = { ...stranger, trusted: true };

const valid = { id: "1", name: "pageview", url: "https://shop.example/" };
const read = (raw: object, envelope = stranger): Hit => {
  const hit = readHit({ ...valid, ...raw }, "/events/0", envelope);
  if (!hit.ok) expect.fail(`refused: ${JSON.stringify(hit.failure)}`);
  return hit.value;
};
const refused = (raw: unknown, envelope = stranger): Rejection => {
  const hit = readHit(raw, "/events/0", envelope);
  if (hit.ok) expect.fail("not refused");
  return hit.failure;
};

const long = (n: number): string => "x".repeat(n);
const many = (n: number): object => Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, i]));
const item = { item_id: "a" };

/** What is refused, why, where, and the evidence. */
const REFUSALS: [name: string, raw: unknown, rejection: Rejection][] = [
  ["no object", [], { reason: "not_an_object", path: "/events/0" }],
  ["no name", { id: "1" }, { reason: "missing", path: "/events/0/name" }],
  ["a name that is no text", { name: true }, { reason: "wrong_type", path: "/events/0/name", expected: "a string" }],
  ["a long name", { name: long(121) }, { reason: "too_long", path: "/events/0/name", max: 120 }],
  ["a long id", { ...valid, id: long(65) }, { reason: "too_long", path: "/events/0/id", max: 64 }],
  ["an id with a space", { ...valid, id: "a b" }, { reason: "invalid_id", path: "/events/0/id" }],
  ["an id with a letter of no typewriter", { ...valid, id: "ä" }, { reason: "invalid_id", path: "/events/0/id" }],
  ["a relative URL", { ...valid, url: "/a" }, { reason: "invalid_url", path: "/events/0/url" }],
  ["a URL without a host", { ...valid, url: "https://" }, { reason: "invalid_url", path: "/events/0/url" }],
  ["a URL that is a program", { ...valid, url: "javascript:x" }, { reason: "invalid_url", path: "/events/0/url" }],
  [
    "a long URL",
    { ...valid, url: `https://x.example/${long(2_000)}` },
    { reason: "too_long", path: "/events/0/url", max: 2_000 },
  ],
  [
    "a URL that is no text",
    { ...valid, url: {} },
    { reason: "wrong_type", path: "/events/0/url", expected: "a string" },
  ],
  [
    "a title that is no text",
    { ...valid, title: 1 },
    { reason: "wrong_type", path: "/events/0/title", expected: "a string" },
  ],
  [
    "money that is no number",
    { ...valid, value: "1e5" },
    { reason: "invalid_number", path: "/events/0/value", max: limits.MONEY_MAJOR_UNITS_MAX },
  ],
  [
    "money that does not end",
    { ...valid, tax: Infinity },
    { reason: "invalid_number", path: "/events/0/tax", max: limits.MONEY_MAJOR_UNITS_MAX },
  ],
  [
    "too much money",
    { ...valid, shipping: -limits.MONEY_MAJOR_UNITS_MAX - 1 },
    { reason: "invalid_number", path: "/events/0/shipping", max: limits.MONEY_MAJOR_UNITS_MAX },
  ],
  ["no currency", { ...valid, currency: "euro" }, { reason: "invalid_currency", path: "/events/0/currency" }],
  [
    "a long order id",
    { ...valid, transaction_id: long(101) },
    { reason: "too_long", path: "/events/0/transaction_id", max: 100 },
  ],
  ["a long user", { ...valid, user: long(201) }, { reason: "too_long", path: "/events/0/user", max: 200 }],
  [
    "props in a list",
    { ...valid, props: [] },
    { reason: "wrong_type", path: "/events/0/props", expected: "an object of scalars" },
  ],
  ["too many props", { ...valid, props: many(31) }, { reason: "too_many", path: "/events/0/props", max: 30 }],
  [
    "a prop of props",
    { ...valid, props: { "a/b~c": {} } },
    { reason: "wrong_type", path: "/events/0/props/a~1b~0c", expected: "a string, a number or a boolean" },
  ],
  [
    "a long prop name",
    { ...valid, props: { [long(101)]: 1 } },
    { reason: "too_long", path: `/events/0/props/${long(101)}`, max: 100 },
  ],
  [
    "items that are none",
    { ...valid, items: {} },
    { reason: "wrong_type", path: "/events/0/items", expected: "an array of items" },
  ],
  [
    "too many items",
    { ...valid, items: Array.from({ length: limits.ITEMS_MAX + 1 }, () => item) },
    { reason: "too_many", path: "/events/0/items", max: limits.ITEMS_MAX },
  ],
  [
    "an item that is none",
    { ...valid, items: [item, "b"] },
    { reason: "wrong_type", path: "/events/0/items/1", expected: "an item object" },
  ],
  [
    "an item without id and name",
    { ...valid, items: [{ price: 1 }] },
    { reason: "missing", path: "/events/0/items/0/item_id" },
  ],
  [
    "an item's text that is none",
    { ...valid, items: [{ item_id: ["a"] }] },
    { reason: "wrong_type", path: "/events/0/items/0/item_id", expected: "a string" },
  ],
  [
    "a price that is none",
    { ...valid, items: [{ ...item, price: "free" }] },
    { reason: "invalid_number", path: "/events/0/items/0/price", max: limits.MONEY_MAJOR_UNITS_MAX },
  ],
  [
    "a quantity that is none",
    { ...valid, items: [{ ...item, quantity: 1_000_001 }] },
    { reason: "invalid_number", path: "/events/0/items/0/quantity", max: 1_000_000 },
  ],
  [
    "a line that is too much",
    { ...valid, items: [{ ...item, price: 1e6, quantity: 1_001 }] },
    { reason: "invalid_number", path: "/events/0/items/0/quantity", max: 1_000_000 },
  ],
  ["no time", { ...valid, occurred_at: "yesterday" }, { reason: "invalid_time", path: "/events/0/occurred_at" }],
  [
    "a time too long ago",
    { ...valid, occurred_at: NOW_MS - 72 * HOUR_MS - 1 },
    { reason: "too_old", path: "/events/0/occurred_at", hours: 72 },
  ],
  [
    "a time to come",
    { ...valid, occurred_at: NOW_MS + 5 * 60_000 + 1 },
    { reason: "in_future", path: "/events/0/occurred_at" },
  ],
  [
    "a visitor without a token",
    { ...valid, visitor: { ip: "1.1.1.1" } },
    { reason: "token_needed", path: "/events/0/visitor" },
  ],
];

for (const [name, raw, rejection] of REFUSALS) {
  test(`refused: ${name}`, () => {
    expect(refused(raw)).toEqual(rejection);
    expect(explain(rejection)).toMatch(/^[A-Z].*\.$/);
  });
}

test("refused: what a trusted sender says of a visitor in a wrong form", () => {
  const path = "/events/0/visitor";
  expect(refused({ ...valid, visitor: [] }, trusted)).toEqual({ reason: "wrong_type", path, expected: "an object" });
  expect(refused({ ...valid, visitor: { ip: 1 } }, trusted)).toEqual({
    reason: "wrong_type",
    path: `${path}/ip`,
    expected: "a string",
  });
  expect(readVisitor({ ip: "1.1.1.1" }, "/visitor", false)).toEqual({
    ok: false,
    failure: { reason: "token_needed", path: "/visitor" },
  });
  expect(readVisitor({ ip: "1.1.1.1", country: "" }, "/visitor", true)).toEqual({ ok: true, value: { ip: "1.1.1.1" } });
  expect(readVisitor(undefined, "/visitor", false)).toEqual({ ok: true, value: null });
});

test("never throws, and lets nothing in that the inside cannot hold, whatever comes", () => {
  const names = Object.keys({ ...valid, occurred_at: 0, props: 0, items: 0, value: 0, currency: 0, user: 0, title: 0 });
  const one = fc.tuple(fc.constantFrom(...names), fc.oneof(fc.anything(), fc.string({ unit: "binary" }), fc.integer()));
  const raws = fc.oneof(
    fc.anything(),
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...names), fc.anything()),
    one.map(([name, value]) => ({ ...valid, [name]: value })),
  );
  const envelopes = fc.record({
    receivedAtMs: fc.constant(NOW_MS),
    trusted: fc.boolean(),
    sentAtMs: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  });
  let accepted = 0;
  fc.assert(
    fc.property(raws, envelopes, (raw, envelope) => {
      const hit = readHit(raw, "/0", envelope);
      if (!hit.ok) {
        expect(hit.failure.path.startsWith("/0")).toBe(true);
        expect(explain(hit.failure)).not.toContain("undefined");
        return;
      }
      accepted++;
      const { occurred_at, url: _, ...fields } = hit.value.fields;
      expect(occurred_at).toBeGreaterThan(0);
      expect(occurred_at).toBeLessThanOrEqual(NOW_MS);
      expect(JSON.stringify({ ...hit.value, fields })).not.toMatch(/\\u00[01]|\\ud[89a-f]/);
    }),
    { seed: 20261124, numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(150);
});

test("at its limit everything is still taken", () => {
  const raw = {
    id: long(limits.EVENT_ID_CHARS_MAX),
    name: long(limits.EVENT_NAME_CHARS_MAX),
    url: `https://x.example/${long(limits.URL_CHARS_MAX - 18)}`,
    user: long(limits.USER_CHARS_MAX),
    transaction_id: long(limits.TRANSACTION_ID_CHARS_MAX),
    props: many(limits.PROPS_MAX),
    items: Array.from({ length: limits.ITEMS_MAX }, () => ({
      ...item,
      price: 1_000,
      quantity: limits.ITEM_QUANTITY_MAX,
    })),
    value: -limits.MONEY_MAJOR_UNITS_MAX,
  };
  const hit = read(raw);
  expect(hit).toMatchObject({ id: raw.id, user: raw.user });
  expect(hit.fields).toMatchObject({
    name: raw.name,
    url: raw.url,
    transaction_id: raw.transaction_id,
    props: raw.props,
  });
  expect(hit.fields.items).toEqual(raw.items);
});

test("text that only describes is cut, never through a character", () => {
  const fields = read({
    referrer: long(2_001),
    title: `${long(299)}😀`,
    language: long(36),
    screen: long(12),
    coupon: long(201),
    props: { p: `${long(499)}😀`, q: long(501) },
    items: [{ item_id: long(201), item_name: `${long(198)}😀` }],
  }).fields;
  expect(fields).toMatchObject({
    referrer: long(2_000),
    title: long(299),
    language: long(35),
    screen: long(11),
    coupon: long(200),
    props: { p: long(499), q: long(500) },
    items: [{ item_id: long(200), item_name: `${long(198)}😀` }],
  });
  const claim = { ip: "::1", user_agent: long(513), city: long(101) };
  expect(read({ visitor: claim }, trusted).visitor).toEqual({ ip: "::1", user_agent: long(512), city: long(100) });
});

test("a prop called __proto__ is a prop like any other", () => {
  const raw = JSON.parse('{"name":"x","props":{"__proto__":"a","constructor":1,"toString":true}}') as object;
  const { props } = read(raw).fields;
  expect(Object.entries(props!)).toEqual([
    ["__proto__", "a"],
    ["constructor", 1],
    ["toString", true],
  ]);
  expect(JSON.stringify(props)).toBe('{"__proto__":"a","constructor":1,"toString":true}');
  expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
});

test("fields without content are as if they were not there", () => {
  const raw = {
    id: null,
    name: "x",
    url: "",
    referrer: null,
    title: "",
    props: null,
    value: "",
    items: null,
    user: "",
    occurred_at: null,
  };
  expect(read(raw)).toEqual({ id: null, fields: { name: "x", occurred_at: NOW_MS }, user: null, visitor: null });
  expect(read({ props: { a: null, b: "", c: false, d: 0 } }).fields.props).toEqual({ c: false, d: 0 });
  expect(read({ unknown: { deep: [1] } }).fields).not.toHaveProperty("unknown");
});

test("numbers as ids, and prices as shops write them", () => {
  const hit = read({
    id: 7,
    name: 5,
    user: 12,
    transaction_id: 1_000_042,
    value: "72,93",
    tax: "0.07",
    items: [{ item_id: 99, price: "1234,5", quantity: "2" }],
    currency: "eur",
  });
  expect(hit).toMatchObject({ id: "7", user: "12" });
  expect(hit.fields).toMatchObject({ name: "5", transaction_id: "1000042", value: 72.93, tax: 0.07, currency: "EUR" });
  expect(hit.fields.items).toEqual([{ item_id: "99", price: 1_234.5, quantity: 2 }]);
  for (const value of ["1.234,50", "1,2,3", "12 €", "", "0x10", "１"].filter(Boolean)) {
    expect([value, refused({ ...valid, value }).reason]).toEqual([value, "invalid_number"]);
  }
});

const occurredAt = (occurred_at: unknown, envelope = stranger): number =>
  read({ occurred_at }, envelope).fields.occurred_at;

test("an event without a time happened now; a little ahead of us is now", () => {
  expect(occurredAt(undefined)).toBe(NOW_MS);
  expect(occurredAt(NOW_MS + limits.FUTURE_MS_MAX)).toBe(NOW_MS);
  expect(occurredAt(NOW_MS - 1)).toBe(NOW_MS - 1);
});

test("up to 72 hours late, with a token without limit", () => {
  expect(occurredAt(NOW_MS - limits.LATE_MS_MAX)).toBe(NOW_MS - limits.LATE_MS_MAX);
  expect(occurredAt("2010-12-01T08:26:00Z", trusted)).toBe(Date.UTC(2010, 11, 1, 8, 26));
  expect(occurredAt(1, trusted)).toBe(1);
});

test("a sender's wrong clock is corrected by what it says of the time of sending", () => {
  const aheadMs = 400 * 24 * HOUR_MS;
  for (const skewMs of [aheadMs, -aheadMs, 0]) {
    const envelope = { ...stranger, sentAtMs: NOW_MS + skewMs };
    expect(occurredAt(NOW_MS + skewMs - 5_000, envelope)).toBe(NOW_MS - 5_000);
    // Said to have happened after it was sent: now, however much.
    expect(occurredAt(NOW_MS + skewMs + 24 * HOUR_MS, envelope)).toBe(NOW_MS);
    expect(refused({ ...valid, occurred_at: NOW_MS + skewMs - 73 * HOUR_MS }, envelope).reason).toBe("too_old");
  }
});

test("a correction never leads to before 1970, whom we trust or not", () => {
  const envelope = { ...trusted, sentAtMs: Number.MAX_SAFE_INTEGER };
  expect(refused({ ...valid, occurred_at: 1 }, envelope).reason).toBe("invalid_time");
});

test("times: milliseconds or ISO 8601 with an offset", () => {
  expect(instantOf("2026-11-24T14:00:00Z")).toBe(NOW_MS);
  expect(instantOf("2026-11-24T15:00+01:00")).toBe(NOW_MS);
  expect(instantOf("2026-11-24T14:00:00.123456789Z")).toBe(NOW_MS + 123);
  expect(instantOf(NOW_MS)).toBe(NOW_MS);
  for (const wrong of [
    "2026-11-24T14:00:00",
    "2026-11-24",
    "2026-13-01T00:00:00Z",
    "2026-11-24T14:00:00+99:00",
    "1",
    -1,
    0,
    1.5,
    Number.NaN,
    2 ** 60,
    true,
    {},
    "1969-12-31T23:59:59Z",
  ]) {
    expect([wrong, instantOf(wrong)]).toEqual([wrong, null]);
  }
});
