import { expect, test } from "vitest";
import { exampleOf, keptExamples, type RejectedExample } from "./rejected-example.ts";

const AT_MS = Date.parse("2026-11-24T12:00:00Z");
const of = (raw: unknown, path = "/events/3/occurred_at") => exampleOf(raw, { reason: "invalid_time", path }, AT_MS);

test("says what it was, where and why, in the terms of whoever sent it", () => {
  expect(of({ name: "signup", url: "https://www.shop.example/join/now?email=ann@example.com#top" })).toEqual({
    atMs: AT_MS,
    reason: "invalid_time",
    field: "/occurred_at",
    name: "signup",
    page: "shop.example/join/now",
  });
});

test.each([
  ["/0/name", "/name"],
  ["/0", ""],
  ["", ""],
  ["/name", "/name"],
  ["/events/12", ""],
  ["/events/0/props/ann@example.com", "/props/…"],
])("the field of %s is %s", (path, field) => {
  expect(of({}, path).field).toBe(field);
});

test.each([
  ["https://shop.example/users/ann@example.com/edit", "shop.example/users/…/edit"],
  ["https://shop.example/users/ann%40example.com", "shop.example/users/…"],
  ["https://ann:secret@shop.example/a", "shop.example/a"],
  ["https://shop.example/call/+49-170-1234567", "shop.example/call/…"],
  ["https://shop.example/reset/9f86d081884c7d659a2feaa0c55ad015", "shop.example/reset/…"],
  ["https://shop.example/p/4711", "shop.example/p/4711"],
  ["https://shop.example/a-very-long-but-readable-name", "shop.example/a-very-long-but-readable-name"],
  [`https://shop.example/${"x".repeat(60)}`, "shop.example/…"],
  [`https://shop.example/${"ab/".repeat(200)}`, `shop.example/${"ab/".repeat(200)}`.slice(0, 200)],
  ["javascript:alert(1)", null],
  ["/only/a/path", null],
  [7, null],
])("of %s the page %s", (url, page) => {
  expect(of({ url }).page).toBe(page);
});

test.each([null, 7, "x", [], { name: 7 }, { name: "" }, { name: "call +49 170 1234567" }])(
  "nothing else (%#)",
  (raw) => {
    const { name, page } = of(raw);
    expect([name === "…" ? null : name, page]).toEqual([null, null]);
  },
);

test("the newest are kept, for days", () => {
  const example = (n: number): RejectedExample => ({ ...of({ name: `n${n}` }), atMs: AT_MS + n });
  const many = Array.from({ length: 30 }, (_, n) => example(n));
  expect(keptExamples(many.slice(0, 15), many.slice(15), AT_MS)).toEqual(many.slice(10));
  expect(keptExamples(many, [], AT_MS + 3 * 86_400_000 + 27)).toEqual(many.slice(28));
});
