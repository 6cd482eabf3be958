// Text that someone sent, as the value of a dimension: fit to keep, trimmed, of bounded length, and never empty.

import { DIMENSION_VALUE_CHARS_MAX } from "./limits.ts";
import { NOT_SET } from "./rollup.ts";
import { clean, cut } from "./text.ts";

export const dimensionValue = (text: string | undefined): string => {
  if (text === undefined) return NOT_SET;
  const value = clean(text).trim();
  return (
    (value.length > DIMENSION_VALUE_CHARS_MAX ? cut(value, DIMENSION_VALUE_CHARS_MAX).trimEnd() : value) || NOT_SET
  );
};
