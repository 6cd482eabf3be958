// Text that someone sent, as the value of a dimension: what every place that keeps it can hold (no control characters,
// which Postgres refuses; no halves of characters), trimmed, of bounded length, and never empty.

import { DIMENSION_VALUE_CHARS_MAX } from "./limits.ts";
import { NOT_SET } from "./rollup.ts";

// Control characters, and halves of surrogate pairs that stand alone (the u flag makes whole pairs not match).
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const UNFIT_ALL = new RegExp(UNFIT, "gu");

export const dimensionValue = (text: string | undefined): string => {
  if (text === undefined) return NOT_SET;
  let value = UNFIT.test(text) ? text.replace(UNFIT_ALL, " ") : text;
  value = value.trim();
  if (value.length > DIMENSION_VALUE_CHARS_MAX) value = cut(value);
  return value === "" ? NOT_SET : value;
};

const cut = (value: string): string => {
  const last = value.charCodeAt(DIMENSION_VALUE_CHARS_MAX - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return value.slice(0, splitsPair ? DIMENSION_VALUE_CHARS_MAX - 1 : DIMENSION_VALUE_CHARS_MAX).trimEnd();
};
