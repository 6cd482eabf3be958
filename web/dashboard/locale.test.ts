import { expect, test } from "vitest";
import { readersLocale } from "./locale.ts";

test("what is no language is passed over", () => {
  expect(readersLocale(["en-US@posix", "de-AT"])).toBe("de-AT");
  expect(readersLocale(["en-US@posix"])).toBe("en-GB");
  expect(readersLocale([])).toBe("en-GB");
});
