import fc from "fast-check";
import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import { canonicalLine, columnsOf, eventsOf, RAW_COLUMNS } from "./raw-columns.ts";
import { trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

/** As a line of the log: what JSON can say. */
const asLine = (event: unknown): Event => JSON.parse(JSON.stringify(event)) as Event;

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }));
const item = fc.record(
  { item_id: text, item_name: text, price: fc.double({ noNaN: true }), quantity: fc.integer() },
  { requiredKeys: [] },
);
const event = fc
  .record(
    {
      id: text,
      name: text,
      occurred_at: fc.integer({ min: -1, max: 8.64e15 }),
      received_at: fc.integer({ min: 0, max: 8.64e15 }),
      visitor: fc.stringMatching(/^[0-9a-f]{16}$/),
      identified: fc.constant(true as const),
      url: text,
      title: text,
      props: fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true }), fc.boolean())),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      tax: fc.integer(),
      items: fc.array(item, { maxLength: 3 }),
    },
    { requiredKeys: ["id", "name", "occurred_at", "received_at", "visitor"] },
  )
  .map(asLine);

const there = (events: Event[]): Event[] => eventsOf(columnsOf(events), events.length);

test("events come back from columns as they were, whatever they hold", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      expect(there(events)).toEqual(events);
      expect(there(events).map(canonicalLine)).toEqual(events.map(canonicalLine));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("every value of a column is of its type, so that a file can hold it", () => {
  const isType = {
    text: "string",
    json: "string",
    instant: "number",
    integer: "number",
    number: "number",
    ordinal: "number",
    flag: "boolean",
  };
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      for (const [at, { type }] of RAW_COLUMNS.entries()) {
        const values = columnsOf(events)[at]!.filter((value) => value !== null);
        expect(values.every((value) => typeof value === isType[type])).toBe(true);
        if (type === "text") expect(values.every((value) => String(value).isWellFormed())).toBe(true);
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

test.each([
  ["a field that this version does not know", { campaign: { id: 7 }, "": null }],
  ["a field called like no other", JSON.parse('{"__proto__":{"polluted":1}}')],
  ["half of a surrogate pair", { url: "https://shop.example/\ud800" }],
  ["fractions of a millisecond", { occurred_at: 1.5 }],
  ["another type", { title: 5, value: "9.99", identified: 1, props: "none" }],
])("%s is kept", (_, fields: object) => {
  const line = asLine({ id: "1", name: "pageview", occurred_at: 1, received_at: 1, visitor: "0", ...fields });
  expect(there([line])).toEqual([line]);
  expect(canonicalLine(there([line])[0]!)).toBe(canonicalLine(line));
  expect(canonicalLine(line)).not.toBe(canonicalLine({ id: "1", name: "pageview" } as Event));
});

test("the canonical line knows an event by all of its fields and not by their order", () => {
  const [one] = trafficOf({
    merchant: { id: "m_x", name: "", zone: "Etc/UTC", currency: "EUR", domains: ["a.example"], shards: 1 },
    seed: 1,
    fromMs: dayOf("Etc/UTC", "2026-11-23").startMs,
    toMs: dayOf("Etc/UTC", "2026-11-23").endMs,
    people: 1,
  });
  const turned = Object.fromEntries(Object.entries(one!).toReversed()) as unknown as Event;
  expect(canonicalLine(turned)).toBe(canonicalLine(one!));
  for (const name of Object.keys(one!)) {
    const without = Object.fromEntries(Object.entries(one!).filter(([key]) => key !== name)) as unknown as Event;
    expect(canonicalLine(without)).not.toBe(canonicalLine(one!));
  }
});
