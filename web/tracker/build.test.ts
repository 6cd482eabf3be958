// The promises of /s.js that need no browser: its size, and that it is one classic script for old browsers too.

import { Script } from "node:vm";
import { expect, test } from "vitest";
import { TRACKER_GZIP_BYTES_MAX, buildTracker } from "./build.ts";

test("the script keeps within its budget of bytes", async () => {
  const { gzipBytes } = await buildTracker();
  expect(gzipBytes).toBeGreaterThan(500);
  expect(gzipBytes).toBeLessThanOrEqual(TRACKER_GZIP_BYTES_MAX);
});

test("the script is classic, leaves no name behind, and asks for nothing newer than 2018", async () => {
  const { code } = await buildTracker();
  expect(() => new Script(code)).not.toThrow();
  expect(code).toMatch(/^\(\(\)=>\{.*\}\)\(\);$/s);
  expect(code).not.toMatch(/\?\?|\?\.[a-z]|\|\|=|catch\{/);
});

test("the script names no cookie", async () => {
  const { code } = await buildTracker();
  expect(code).not.toMatch(/cookie/i);
});
