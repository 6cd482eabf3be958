import { expect, test } from "vitest";
import { makeFormat } from "./format.ts";

/** Intl separates with spaces of many kinds. */
const plain = (text: string) => text.replaceAll(/\s/g, " ");

test("the reader's language, the merchant's currency", () => {
  const german = makeFormat("de-DE", "EUR", "Europe/Berlin");
  expect(plain(german.value("money", 1234.5))).toBe("1.234,50 €");
  expect(plain(german.value("percent", 12.34))).toBe("12,3 %");
  expect(german.country("NL")).toBe("Niederlande");
  const japanese = makeFormat("en-US", "JPY", "Asia/Tokyo");
  expect(japanese.value("money", 1234)).toBe("¥1,234");
  expect(japanese.money(9.5, "USD")).toBe("$9.50");
});

test("codes that are no country stay as they are", () => {
  const { country } = makeFormat("en-US", "EUR", "Etc/UTC");
  expect(country("T1")).toBe("T1");
});

test("durations have two units, the rounded second never makes 60", () => {
  const { value } = makeFormat("en-US", "EUR", "Etc/UTC");
  expect(value("seconds", 0)).toBe("0s");
  expect(value("seconds", 59.6)).toBe("1m 0s");
  expect(value("seconds", 125)).toBe("2m 5s");
  expect(value("seconds", 7_260)).toBe("2h 1m");
});

test("changes of percentages are points", () => {
  const { change } = makeFormat("en-US", "EUR", "Etc/UTC");
  expect(change(2.5, "points")).toBe("2.5 pp");
  expect(change(9.46, "percent")).toBe("9.5%");
  expect(change(123.4, "percent")).toBe("123%");
});

test("a bucket's label is the merchant's wall clock, whatever the zone of the machine", () => {
  const { bucket, tick } = makeFormat("en-GB", "EUR", "Asia/Kathmandu");
  expect(tick("2026-11-24 23:00:00", "hour")).toBe("23:00");
  expect(bucket("2026-11-24", "day")).toBe("Tue, 24 Nov 2026");
  expect(bucket("2026-11-01", "month")).toBe("November 2026");
});

test("instants are shown on the merchant's clock", () => {
  const { time } = makeFormat("en-GB", "NPR", "Asia/Kathmandu");
  expect(time(Date.parse("2026-11-24T08:38:05Z"), true)).toBe("14:23:05");
});
