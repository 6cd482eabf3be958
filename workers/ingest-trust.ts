// Whether a sender of events may say whom they are about: with the server's ingest token for any merchant, with one of the tokens
// that people make (scope ingest) for those that it is for.

import { opens } from "./access.ts";
import type { Env } from "./env.ts";
import { findToken } from "./known-tokens.ts";
import type { MerchantConfig } from "./merchants.ts";
import { sameSecret } from "./secret.ts";

export interface IngestTrust {
  /** The token's; null for the server's own. */
  id: string | null;
  vouchesFor: (config: MerchantConfig) => boolean;
}

/** Null for what is no ingest token, or not any more. Throws when that cannot be known now. */
export async function ingestTrust(env: Env, authorization: string): Promise<IngestTrust | null> {
  if (await isServers(env, authorization)) return { id: null, vouchesFor: () => true };
  const text = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  const token = text === undefined ? null : await findToken(env, text);
  if (token?.scope !== "ingest") return null;
  return {
    id: token.id,
    vouchesFor: ({ merchant, organisation }) => opens(token, merchant.id, organisation),
  };
}

/** A server that has none takes none. */
const isServers = async ({ INGEST_TOKEN: token }: Env, authorization: string): Promise<boolean> =>
  typeof token === "string" && token !== "" && sameSecret(authorization, `Bearer ${token}`);
