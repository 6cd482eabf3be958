// The Range header, as far as files need it: one range of bytes. Anything else in it is as if it were not there, as HTTP says.

/** As R2 takes it. */
export type ByteRange = { offset: number; length?: number } | { suffix: number };

/** Null: all of it. */
export function byteRangeOf(header: string | undefined): ByteRange | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  if (first === "") return { suffix: bounded(last) };
  const offset = bounded(first);
  if (last === "") return { offset };
  return bounded(last) < offset ? null : { offset, length: bounded(last) - offset + 1 };
}

/** The first and the last byte of it in a file of so many; null when it has none of them. */
export function placeOf(range: ByteRange, bytes: number): { first: number; last: number } | null {
  const first = "suffix" in range ? Math.max(0, bytes - range.suffix) : range.offset;
  const last =
    "suffix" in range || range.length === undefined ? bytes - 1 : Math.min(bytes, range.offset + range.length) - 1;
  return first < bytes && first <= last ? { first, last } : null;
}

const bounded = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER - 1);
