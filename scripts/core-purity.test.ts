// The lint forbids core/ the clock and chance by name (Date.now, Math.random); this is the one form that it cannot see.

import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const CORE = path.resolve(import.meta.dirname, "..", "core");

test("nothing in core/ reads the clock through a Date without arguments", () => {
  const sources = fs.globSync("**/*.ts", { cwd: CORE }).filter((file) => !file.endsWith(".test.ts"));
  expect(sources).toContain("event.ts");
  const impure = sources.filter((file) =>
    /\bDate\s*\(\s*\)|\bnew Date\s*(?![\w\s]*\()/.test(fs.readFileSync(path.join(CORE, file), "utf8")),
  );
  expect(impure).toEqual([]);
});
