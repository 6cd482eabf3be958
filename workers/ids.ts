// Names for new things that nobody can guess or mistake: letters and digits without those that look alike.

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** `prefix` and 5 random bits a letter. */
export function freshId(prefix: string, letters: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(letters));
  return prefix + Array.from(bytes, (byte) => LETTERS.charAt(byte & 31)).join("");
}
