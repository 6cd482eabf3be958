// The live socket: hands the connection to one shard of the merchant, which keeps it while it hibernates. A viewer of a
// merchant with several shards opens one socket for each and adds up.

import { shardName } from "../core/address.ts";
import { type Access, permits } from "./access.ts";
import type { Env } from "./env.ts";
import { findMerchant } from "./merchants.ts";

/** What a browser says it speaks when it brings a token; it wants to hear it back. */
export const SOCKET_PROTOCOL = "countinghouse";

export async function live(env: Env, request: Request, access: Access): Promise<Response> {
  const query = new URL(request.url).searchParams;
  if (request.headers.get("upgrade") !== "websocket") {
    return fault(426, "upgrade_needed", "This address speaks WebSocket only.");
  }
  const merchant = await findMerchant(env, query.get("merchant") ?? "");
  if (merchant === null || !(await permits(access, merchant.id, "report")))
    return fault(404, "unknown_merchant", "No merchant has this id.");
  const shard = Number(query.get("shard") ?? 0);
  if (!Number.isInteger(shard) || shard < 0 || shard >= merchant.shards) {
    return fault(400, "unknown_shard", `Shards of this merchant are 0 to ${merchant.shards - 1}.`);
  }
  const socket = await env.MERCHANT_SHARD.getByName(shardName(merchant.id, shard)).fetch(request);
  if (socket.status !== 101 || !request.headers.has("sec-websocket-protocol")) return socket;
  const headers = { "sec-websocket-protocol": SOCKET_PROTOCOL };
  return new Response(null, { status: 101, webSocket: socket.webSocket, headers });
}

const fault = (status: number, reason: string, message: string): Response =>
  Response.json({ error: { pointer: "", reason, message } }, { status });
