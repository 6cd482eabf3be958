import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), "utf8");
const rules = textOf("core/SPEC.md")
  .split(/^\d+\. /m)
  .slice(1);

test("every law and every definition names the tests that enforce it, and they exist", () => {
  expect(rules).toHaveLength(10 + 15);
  for (const rule of rules) {
    const named = [...rule.matchAll(/`([^`]+\.test\.ts) › ([^`]+)`/g)];
    expect([rule.slice(0, 40), named.length]).not.toEqual([rule.slice(0, 40), 0]);
    for (const [, file, name] of named) {
      const titles = [...textOf(file!).matchAll(/^ *test\(\s*(["`])(.*?)\1, /gm)].map(([, , title]) => title!);
      expect([file, titles.filter((title) => title.endsWith(name!))]).toEqual([file, [expect.any(String)]]);
    }
  }
});
