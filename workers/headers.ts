// What every answer of the API says to browsers beside itself: it is what its type says, nothing in it runs or is framed, no page
// elsewhere gets hold of it, and from now on this host is asked by https. Pages say theirs in web/public/_headers, collecting in
// collect-routes.ts: both are open to other sites in what they must be, and the API in nothing.

import type { MiddlewareHandler } from "hono";
import { NO_NUL, refuse } from "./accounts-body.ts";

const HEADERS = {
  "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
/** Two years. Not of hosts below it: those may be somebody else's. */
const ONLY_HTTPS = "max-age=63072000";

export const guardedHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  // A socket's answer is the platform's own.
  if (c.res.status === 101) return;
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  if (new URL(c.req.url).protocol === "https:") c.header("strict-transport-security", ONLY_HTTPS);
};

/** No address that is asked for has a NUL, and Postgres takes none. */
export const fitAddress: MiddlewareHandler = async (c, next) =>
  c.req.url.includes("%00") ? refuse(c, 400, "invalid", NO_NUL) : next();
