// Money as integers: minor units × 10⁴ ("units" below), so that sums are exact and prices with more decimals than the
// currency has are kept. How large a unit is goes by ISO 4217's table, written out here: what Intl says differs (none for HUF and
// IDR, by its CLDR data) and changes with the runtime's version, and with it would the meaning of every stored amount.

const DIGITS = new Map<string, number>();
for (const [digits, codes] of [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"],
] as const) {
  for (const code of codes.split(" ")) DIGITS.set(code, digits);
}

/** Decimal digits of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD; 2 for a code that nobody knows. */
export const minorDigits = (currency: string): number => DIGITS.get(currency) ?? 2;

/** Has the form of an ISO 4217 code: three capital letters. */
export const isCurrency = (code: string): boolean => /^[A-Z]{3}$/.test(code);

/** Major units to units, rounded half away from zero: 2.55 EUR is 2 550 000. */
export function toUnits(major: number, currency: string): number {
  const scaled = Math.abs(major) * 10 ** (minorDigits(currency) + 4);
  // A decimal fraction is never quite its double; the nudge puts halves where the sender's decimal had them.
  const rounded = Number.isInteger(scaled) ? scaled : Math.floor(scaled * (1 + Number.EPSILON) + 0.5);
  return major < 0 ? -rounded : rounded;
}

/** The amount of a product line: price × quantity, rounded once. */
export const lineUnits = (price: number, quantity: number, currency: string): number =>
  toUnits(price * quantity, currency);

/** Units to a decimal string with the currency's digits, half away from zero: 823746140000n GBP is "823746.14". */
export function formatUnits(units: number | bigint, currency: string): string {
  const digits = minorDigits(currency);
  const total = BigInt(units);
  const size = total < 0n ? -total : total;
  const minor = (size + 5_000n) / 10_000n;
  const text = minor.toString().padStart(digits + 1, "0");
  const sign = total < 0n && minor > 0n ? "-" : "";
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
