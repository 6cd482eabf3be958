// Text that someone sent, made fit for every place that keeps it: no control characters (Postgres refuses some), no
// halves of surrogate pairs (neither UTF-8 nor JSON readers take them), and no more than so many characters.

// The u flag makes whole surrogate pairs not match.
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const UNFIT_ALL = new RegExp(UNFIT, "gu");

/** A space for each unfit character. */
export const clean = (text: string): string => (UNFIT.test(text) ? text.replace(UNFIT_ALL, " ") : text);

/** Whether JSON writes a NUL, which Postgres takes in no text. */
export const writesNul = (json: string): boolean => /(?<!\\)(?:\\\\)*\\u0000/.test(json);

/** Bytes of UTF-8 that a text has at the most: exact for ASCII, three a character as soon as there is anything else. */
export const bytesAtMost = (text: string): number => (NOT_ASCII.test(text) ? 3 * text.length : text.length);

// oxlint-disable-next-line no-control-regex -- ASCII begins with control characters
const NOT_ASCII = /[^\x00-\x7f]/;

/** The first `max` characters; never half of a pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}
