// The codes that an app on a phone shows (RFC 6238), for tests.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;
const DIGITS = 6;

/** Of an otpauth:// address, at an instant. */
export async function totpCode(uri: string, nowMs: number): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const secret = bytesOf(new URL(uri).searchParams.get("secret") ?? "");
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(nowMs / STEP_MS)));
  const digest = new DataView(await crypto.subtle.sign(algorithm, key, counter));
  const code = digest.getUint32(digest.getUint8(digest.byteLength - 1) & 15) & 0x7fffffff;
  return String(code % 10 ** DIGITS).padStart(DIGITS, "0");
}

/** Of base32. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bits = Array.from(text.replace(/=+$/, ""), (letter) =>
    LETTERS.indexOf(letter).toString(2).padStart(5, "0"),
  ).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
