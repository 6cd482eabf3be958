// How dark a country is: by rank and not by size, so that one large country does not leave all others white. Pure.

export const SHADES = 6;

/** Shade 1 to SHADES for each value above zero; the largest is the darkest, and equal values are equally dark. */
export function shadesOf(values: ReadonlyMap<string, number>): Map<string, number> {
  const distinct = [...new Set([...values.values()].filter((value) => value > 0))].sort((a, b) => a - b);
  const rank = new Map(distinct.map((value, index) => [value, index + 1]));
  return new Map(
    [...values]
      .filter(([, value]) => value > 0)
      .map(([code, value]) => [code, Math.ceil((rank.get(value)! / distinct.length) * SHADES)]),
  );
}
