// The HTTP of collecting: methods, CORS (open: any site may send), tokens, status codes. What happens to the events
// is in collect.ts.

import { EVENT_NAME_CHARS_MAX, INGEST_REQUESTS_A_MINUTE_MAX, USER_AGENT_CHARS_MAX } from "../core/limits.ts";
import { RequestRate } from "../core/request-rate.ts";
import { readJson } from "./body.ts";
import { collect, type Sender } from "./collect.ts";
import type { Env } from "./env.ts";
import { type IngestTrust, ingestTrust } from "./ingest-trust.ts";

const RETRY_AFTER_SECONDS = "10";
/** One address, one isolate. A page sends a request every few seconds; an office behind one address some dozens. */
const rate = new RequestRate(2_000, 10_000);
/** One token, one isolate. */
const tokenRate = new RequestRate(INGEST_REQUESTS_A_MINUTE_MAX, 60_000);

const CORS = {
  "access-control-allow-origin": "*",
  // A script may read how long it is to wait.
  "access-control-expose-headers": "retry-after",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
};

const GIF = Uint8Array.from(atob("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"), (c) => c.charCodeAt(0));

export async function collectRoutes(request: Request, env: Env, pathname: "/e" | "/p.gif"): Promise<Response> {
  try {
    if (pathname === "/p.gif") return await pixel(request, env);
    switch (request.method) {
      case "POST":
        return await post(request, env);
      case "OPTIONS":
        return new Response(null, {
          status: 204,
          headers: {
            ...CORS,
            "access-control-allow-methods": "POST",
            "access-control-allow-headers": "content-type, content-encoding, authorization",
            "access-control-max-age": "86400",
          },
        });
      default:
        return fault(405, "method_not_allowed", "Send events with POST.", { allow: "POST, OPTIONS" });
    }
  } catch (error) {
    // Neither the shard nor the overflow queue, or neither KV nor Postgres, answers: the sender keeps the events.
    console.error(JSON.stringify({ event: "collect_unavailable", error: String(error) }));
    const message =
      "Events cannot be taken just now. Send them again, with the same ids, after the time in Retry-After.";
    return fault(503, "unavailable", message, { "retry-after": RETRY_AFTER_SECONDS });
  }
}

async function post(request: Request, env: Env): Promise<Response> {
  const { sender, trust } = await senderOf(request, env);
  if (sender === null) return fault(401, "invalid_token", "This is not an ingest token of ours, or not any more.");
  const waitSeconds = waitOf(sender, trust);
  if (waitSeconds > 0) {
    const message = "Too many requests. Send more events in each, and wait.";
    return fault(429, "too_many_requests", message, { "retry-after": String(waitSeconds) });
  }
  const body = await readJson(request);
  if (!body.ok) return fault(body.failure.status, body.failure.reason, body.failure.message);
  const receipts = await collect(env, body.value, sender, Date.now());
  if (!receipts.ok) return fault(400, "unreadable", receipts.failure);
  return Response.json({ receipts: receipts.value }, { status: 202, headers: CORS });
}

/** Seconds; 0 when it may go on. The server's own token is not limited. */
function waitOf(sender: Sender, trust: IngestTrust | null): number {
  if (trust === null) return rate.take(sender.ip, Date.now());
  return trust.id === null ? 0 : tokenRate.take(trust.id, Date.now());
}

/** No sender for a token that is not ours. One without a token is a visitor's browser. */
async function senderOf(request: Request, env: Env): Promise<{ sender: Sender | null; trust: IngestTrust | null }> {
  const { headers } = request;
  const authorization = headers.get("authorization");
  const trust = authorization === null ? null : await ingestTrust(env, authorization);
  if (authorization !== null && trust === null) return { sender: null, trust };
  const place = request.cf as { country?: string; regionCode?: string; city?: string } | undefined;
  const sender = {
    ip: headers.get("cf-connecting-ip") ?? "",
    userAgent: (headers.get("user-agent") ?? "").slice(0, USER_AGENT_CHARS_MAX),
    country: place?.country,
    region: place?.regionCode,
    city: place?.city,
    trusted: trust !== null,
    ...(trust === null ? {} : { vouchesFor: trust.vouchesFor }),
  };
  return { sender, trust };
}

/** For pages without script: `<img src="/p.gif?merchant=m_…">`. Always a picture, whatever becomes of the event. */
async function pixel(request: Request, env: Env): Promise<Response> {
  const { sender, trust } = await senderOf(request, env);
  const query = new URL(request.url).searchParams;
  const text = (name: string): string | undefined => query.get(name) ?? undefined;
  const event = {
    merchant: text("merchant"),
    id: text("id"),
    name: (text("name") ?? "pageview").slice(0, EVENT_NAME_CHARS_MAX),
    url: text("url") ?? request.headers.get("referer") ?? undefined,
    referrer: text("referrer"),
    title: text("title"),
  };
  const counted = sender !== null && waitOf(sender, trust) === 0 ? await collect(env, event, sender, Date.now()) : null;
  const receipt = counted?.ok === true ? counted.value[0] : undefined;
  const headers = { ...CORS, "content-type": "image/gif", "x-countinghouse-status": receipt?.status ?? "rejected" };
  return new Response(GIF, { headers });
}

function fault(status: number, reason: string, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { pointer: "#", reason, message } }, { status, headers: { ...CORS, ...headers } });
}
