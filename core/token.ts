// What a token looks like: "cht_rd_" and the like, which scanners for leaked secrets know by, 32 random letters (190 bits), and
// six that check the others, so that a scanner, and the door, can tell a token from whatever else looks like one without
// asking anybody.

/** What a token is for: asking for reports, sending events, looking after a merchant's objects and files. */
export const SCOPES = ["read", "ingest", "ops"] as const;
export type Scope = (typeof SCOPES)[number];

/** A token as lists show it. */
export interface TokenView {
  id: string;
  name: string;
  scope: Scope;
  /** How it begins. */
  beginning: string;
  organisation: string | null;
  merchant: string | null;
  state: "valid" | "expired" | "revoked";
  created_by: string;
  /** Instants are ISO 8601. */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** To the hour. */
  last_used_at: string | null;
}

const PREFIXES: Record<Scope, string> = { read: "cht_rd_", ingest: "cht_in_", ops: "cht_op_" };

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LETTERS = 32;
const CHECK_LETTERS = 6;
/** Random bytes from here on are not used, so that every letter is as likely as any other. */
const BYTE_END = 256 - (256 % LETTERS.length);
/** Of the secret, what lists show, so that people can tell tokens apart; the rest still has 166 bits. */
const SHOWN_LETTERS = 4;

const FORM = new RegExp(`^cht_(?:rd|in|op)_[0-9A-Za-z]{${SECRET_LETTERS + CHECK_LETTERS}}$`);

/** `randomBytes` is asked as often as it takes. */
export function freshToken(scope: Scope, randomBytes: (count: number) => Uint8Array): string {
  let secret = "";
  while (secret.length < SECRET_LETTERS) {
    for (const byte of randomBytes(SECRET_LETTERS)) {
      if (byte < BYTE_END && secret.length < SECRET_LETTERS) secret += LETTERS.charAt(byte % LETTERS.length);
    }
  }
  const open = PREFIXES[scope] + secret;
  return open + checkOf(open);
}

/** Null for what is no token of ours, mistyped ones among it. */
export function scopeOfToken(token: string): Scope | null {
  if (!FORM.test(token) || checkOf(token.slice(0, -CHECK_LETTERS)) !== token.slice(-CHECK_LETTERS)) return null;
  return SCOPES.find((scope) => token.startsWith(PREFIXES[scope])) ?? null;
}

/** How a token begins, for people. */
export const beginningOf = (token: string): string => token.slice(0, PREFIXES.read.length + SHOWN_LETTERS);

/** CRC-32 of the text before, in base 62. */
function checkOf(text: string): string {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let check = "";
  for (let letter = 0; letter < CHECK_LETTERS; letter++) {
    check = LETTERS.charAt(rest % LETTERS.length) + check;
    rest = Math.floor(rest / LETTERS.length);
  }
  return check;
}
