import fc from "fast-check";
import { expect, test } from "vitest";
import { REQUEST_EVENTS_MAX } from "./limits.ts";
import { type CollectRequest, readRequest } from "./request.ts";

const read = (body: unknown): CollectRequest => {
  const request = readRequest(body);
  if (!request.ok) expect.fail(request.failure.error);
  return request.value;
};
const unreadable = (body: unknown): string => {
  const request = readRequest(body);
  if (request.ok) expect.fail("not refused");
  return request.failure.error;
};

test("many events of one merchant", () => {
  const body = { merchant: "m_a", events: [{ name: "a" }, 7], sent_at: 5, visitor: { ip: "::1" }, more: 1 };
  expect(read(body)).toEqual({
    events: [
      { merchant: "m_a", raw: { name: "a" }, path: "/events/0", again: false },
      { merchant: "m_a", raw: 7, path: "/events/1", again: false },
    ],
    sentAtMs: 5,
    visitor: { ip: "::1" },
  });
});

test("one event that names its merchant", () => {
  const body = { merchant: "m_a", name: "a", sent_at: "2026-11-24T14:00:00Z", visitor: { ip: "::1" } };
  // Its visitor is the event's own affair.
  const sentAtMs = Date.UTC(2026, 10, 24, 14);
  expect(read(body)).toEqual({
    events: [{ merchant: "m_a", raw: body, path: "", again: false }],
    sentAtMs,
    visitor: undefined,
  });
});

test("a list of events that each name their merchant", () => {
  const body = [{ merchant: "m_a", name: "a" }, { merchant: 5 }, null, "x"];
  expect(read(body).events).toEqual([
    { merchant: "m_a", raw: body[0], path: "/0", again: false },
    { merchant: "", raw: body[1], path: "/1", again: false },
    { merchant: "", raw: null, path: "/2", again: false },
    { merchant: "", raw: "x", path: "/3", again: false },
  ]);
});

test("what may have been sent before: an event, all of a request, or so many from the first on", () => {
  const again = (body: unknown): boolean[] => read(body).events.map((event) => event.again);
  const three = [{ name: "a" }, { name: "b", again: true }, { name: "c" }];
  expect(again({ merchant: "m_a", events: three })).toEqual([false, true, false]);
  expect(again({ merchant: "m_a", events: three, again: true })).toEqual([true, true, true]);
  expect([0, 1, 9, -5].map((n) => again({ merchant: "m_a", events: [{}, {}], again: n }))).toEqual([
    [false, false],
    [true, false],
    [true, true],
    [false, false],
  ]);
  expect(again({ merchant: "m_a", name: "a", again: true })).toEqual([true]);
  expect(again([{ again: true }, { again: 1 }, {}])).toEqual([true, false, false]);
  for (const odd of ["true", "2", null, {}]) {
    expect(again({ merchant: "m_a", events: [{ again: odd }], again: odd })).toEqual([false]);
  }
});

test("no events are no fault; as many as the limit says are taken, one more is not", () => {
  const events = Array.from({ length: REQUEST_EVENTS_MAX }, () => ({ name: "a" }));
  expect(read({ merchant: "m_a", events: [] }).events).toEqual([]);
  expect(read({ merchant: "m_a", events }).events).toHaveLength(REQUEST_EVENTS_MAX);
  expect(read(events).events).toHaveLength(REQUEST_EVENTS_MAX);
  for (const body of [{ merchant: "m_a", events: [...events, {}] }, [...events, {}]]) {
    expect(unreadable(body)).toBe(`A request may hold ${REQUEST_EVENTS_MAX} events; this one has 501.`);
  }
});

test("what is no request says so", () => {
  for (const body of [undefined, null, 1, "x", true]) expect(unreadable(body)).toContain("JSON object");
  for (const events of [null, {}, "x", 1]) expect(unreadable({ merchant: "m_a", events })).toContain("array");
});

test("a time of sending that is none is as if it were not said", () => {
  for (const sent_at of ["now", -1, {}, null]) expect(read({ events: [], sent_at }).sentAtMs).toBeNull();
});

test("never throws, and every event has its own path", () => {
  const bodies = fc.oneof(
    fc.anything(),
    fc.jsonValue(),
    fc.array(fc.anything()),
    fc.record({ merchant: fc.anything(), events: fc.array(fc.jsonValue()) }),
  );
  fc.assert(
    fc.property(bodies, (body) => {
      const request = readRequest(body);
      if (!request.ok) return;
      const paths = request.value.events.map(({ path }) => path);
      expect(new Set(paths).size).toBe(paths.length);
      for (const { merchant } of request.value.events) expect(typeof merchant).toBe("string");
    }),
    { seed: 20261124, numRuns: 1_000 },
  );
});
