import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonOf, letterId, letterKey, messageOf, readLetter } from "./dead-letter.ts";

test("a message survives being kept as JSON, bytes and all", () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.boolean(),
    fc.uint8Array(),
  );
  const keys = fc.string().filter((key) => key !== "$base64" && key !== "__proto__");
  const message = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie("node")),
      fc.dictionary(keys, tie("node"), { noNullPrototype: true }),
    ),
  })).node;
  fc.assert(
    fc.property(message, (value) => {
      expect(messageOf(JSON.parse(JSON.stringify(jsonOf(value))))).toEqual(value);
    }),
    { seed: 20261124 },
  );
});

test("large bodies too", () => {
  const bytes = Uint8Array.from({ length: 128_000 }, (_, at) => (at * 31) & 0xff);
  expect(messageOf(jsonOf(bytes))).toEqual(bytes);
});

test("a key is made only of an id that we made", () => {
  const id = letterId(Date.UTC(2026, 10, 24, 23, 59), "0123456789abcdef0123");
  expect(letterKey(id)).toBe("dead-letters/2026-11-24/2026-11-24-0123456789abcdef.json");
  for (const other of ["", "..", `../${id}`, `${id}/..`, id.slice(1), id.toUpperCase()])
    expect(letterKey(other)).toBeNull();
});

test("what is not a letter is not read as one", () => {
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    "{}",
    '{"id":"x","reason":"y","at":"z"}',
    '{"id":1,"reason":"y","at":"z","message":0}',
  ])
    expect(readLetter(text)).toMatchObject({ ok: false });
});
