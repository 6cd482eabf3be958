// Browsers send cookies along from any page, so what a cookie opens must come from our own.

import type { Context } from "hono";

/** Reading by GET changes nothing and its answer is closed to other origins; everything else and sockets must be ours. */
export function isOwnOrigin(c: Context): boolean {
  const isSocket = c.req.header("upgrade")?.toLowerCase() === "websocket";
  if (!isSocket && (c.req.method === "GET" || c.req.method === "HEAD")) return true;
  return c.req.header("origin") === new URL(c.req.url).origin;
}
