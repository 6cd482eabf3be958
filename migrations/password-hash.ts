// How a password is kept: scrypt with 2^14 × 8, five times over (OWASP's equal of 2^17 × 8 once, in 16 MB of memory instead of
// 128, since an isolate has 128 MB for everything). Some 160 ms of CPU in workerd, where it is native code; docs/accounts.md
// has the figures. The parameters stand in the text, so that they may grow without anybody losing a password.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

interface Cost {
  N: number;
  r: number;
  p: number;
}

const COST: Cost = { N: 16_384, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** What is read back may not ask for more than an isolate can give. */
const MEMORY_BYTES_MAX = 48 * 1024 * 1024;

const FORM = /^scrypt\$(\d{1,7})\$(\d{1,3})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/;

/** "scrypt$N$r$p$salt$key", the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** False too when the hash is none of ours. */
export async function verifyPassword({ hash, password }: { hash: string; password: string }): Promise<boolean> {
  const [, N, r, p, salt, key] = FORM.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return false;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, "base64url"), cost), Buffer.from(key, "base64url"));
}

// The same letters may come in several encodings, depending on the keyboard.
const derive = (password: string, salt: Uint8Array, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, KEY_BYTES, { ...cost, maxmem: MEMORY_BYTES_MAX }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
