import { expect, test } from "vitest";
import { MONEY_MAJOR_UNITS_MAX } from "./limits.ts";
import { formatUnits, isCurrency, lineUnits, minorDigits, toUnits } from "./money.ts";
import { exactUnits } from "./naive-rollup.ts";
import { chanceOf } from "./traffic.ts";

test("a price and its multiples are what they are on paper", () => {
  expect(toUnits(2.55, "EUR")).toBe(2_550_000);
  expect(lineUnits(2.55, 6, "EUR")).toBe(15_300_000);
  expect(lineUnits(0.1, 3, "EUR")).toBe(300_000);
  expect(lineUnits(1.005, 1, "EUR")).toBe(1_005_000);
  expect(lineUnits(8.165, 1_000_000, "EUR")).toBe(8_165_000_000_000);
});

test("digits are ISO 4217's, whatever data the runtime has", () => {
  const digits = { EUR: 2, HUF: 2, IDR: 2, COP: 2, ISK: 0, JPY: 0, KRW: 0, VND: 0, CLP: 0, KWD: 3, TND: 3, CLF: 4 };
  expect(Object.fromEntries(Object.keys(digits).map((code) => [code, minorDigits(code)]))).toEqual(digits);
  expect(minorDigits("QQQ")).toBe(2);
  expect(toUnits(100, "JPY")).toBe(1_000_000);
  expect(toUnits(1.234, "KWD")).toBe(12_340_000);
});

test("ten thousand random lines, and their sum, are exact in decimals", () => {
  const chance = chanceOf(7);
  let sum = 0;
  let exactSum = 0n;
  for (let n = 0; n < 10_000; n++) {
    const currency = ["EUR", "JPY", "KWD"][n % 3]!;
    const decimals = Math.floor(chance() * (minorDigits(currency) + 5));
    const price = Number((chance() * 10 ** Math.floor(chance() * 5)).toFixed(decimals));
    const quantity = Math.ceil(chance() * 10);
    const exact = exactUnits(price, quantity, minorDigits(currency));
    expect([currency, price, quantity, lineUnits(price, quantity, currency)]).toEqual([
      currency,
      price,
      quantity,
      exact,
    ]);
    expect(lineUnits(-price, quantity, currency) + exact).toBe(0);
    sum += exact;
    exactSum += BigInt(exact);
  }
  expect(BigInt(sum)).toBe(exactSum);
});

test("a price with more decimals than are kept is rounded once, after the multiplication", () => {
  // A third of a cent, a million times.
  expect(lineUnits(0.003333333, 1_000_000, "EUR")).toBe(exactUnits(0.003333333, 1_000_000, 2));
  expect(lineUnits(0.00000049, 10, "EUR")).toBe(5);
  expect(toUnits(0.0000005, "EUR")).toBe(1);
  expect(toUnits(-0.0000005, "EUR")).toBe(-1);
  expect(toUnits(1.0000005, "EUR")).toBe(1_000_001);
});

test("the largest amounts are still exact", () => {
  const max = MONEY_MAJOR_UNITS_MAX;
  for (const currency of ["EUR", "JPY", "KWD"]) {
    for (const amount of [max, max - 0.01, max / 3, 123_456.78]) {
      const minor = Number(amount.toFixed(minorDigits(currency)));
      expect([currency, toUnits(minor, currency)]).toEqual([currency, exactUnits(minor, 1, minorDigits(currency))]);
    }
  }
});

test("units as text: the currency's digits, half away from zero", () => {
  expect(formatUnits(8_237_461_400_00n * 10n, "GBP")).toBe("8237461.40");
  expect(formatUnits(823_746_140_000, "GBP")).toBe("823746.14");
  expect(formatUnits(0, "EUR")).toBe("0.00");
  expect(formatUnits(4_999, "EUR")).toBe("0.00");
  expect(formatUnits(5_000, "EUR")).toBe("0.01");
  expect(formatUnits(-5_000, "EUR")).toBe("-0.01");
  expect(formatUnits(-4_999, "EUR")).toBe("0.00");
  expect(formatUnits(-12_345_678, "EUR")).toBe("-12.35");
  expect(formatUnits(1_500_000, "JPY")).toBe("150");
  expect(formatUnits(-15_000, "JPY")).toBe("-2");
  expect(formatUnits(12_340_000, "KWD")).toBe("1.234");
  expect(formatUnits(9_999_999n * 10n ** 12n, "EUR")).toBe("9999999000000.00");
});

test("a currency is three capital letters", () => {
  expect(["EUR", "eur", "EU", "EURO", "E1R", ""].map(isCurrency)).toEqual([true, false, false, false, false, false]);
});
