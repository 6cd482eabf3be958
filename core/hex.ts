// Bytes and 64-bit hashes as lower-case hexadecimal text. There is one spelling of everything: upper case, a prefix or an
// odd digit is not hexadecimal here, so equal text and equal bytes mean the same thing.

const DIGITS = "0123456789abcdef";
const PAIRS = Array.from({ length: 256 }, (_, byte) => DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15));

/** By character code: the digit's value, or NOT_A_DIGIT. */
const NOT_A_DIGIT = -1;
const VALUES = new Int8Array(128).fill(NOT_A_DIGIT);
for (let digit = 0; digit < 16; digit++) VALUES[DIGITS.charCodeAt(digit)] = digit;

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) text += PAIRS[bytes[at] ?? 0];
  return text;
}

/** Null when `text` is not an even number of lower-case hexadecimal digits. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    const byte = (digitAt(text, 2 * at) << 4) | digitAt(text, 2 * at + 1);
    if (byte < 0) return null;
    bytes[at] = byte;
  }
  return bytes;
}

/** The unsigned 32-bit number that 8 digits from `at` on spell; NaN when one of them is no digit. */
export function wordAt(text: string, at: number): number {
  let word = 0;
  let signs = 0;
  for (let offset = 0; offset < 8; offset++) {
    const digit = digitAt(text, at + offset);
    word = (word << 4) | digit;
    signs |= digit;
  }
  return signs < 0 ? Number.NaN : word >>> 0;
}

// Past the end charCodeAt is NaN, which finds nothing in the table either.
function digitAt(text: string, at: number): number {
  return VALUES[text.charCodeAt(at)] ?? NOT_A_DIGIT;
}
