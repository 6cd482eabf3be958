// A shop's site with the tracker embedded as its manual says, and a collector on another origin that answers as told:
// so the real script meets every answer that there is, in a real browser, across origins as in real life.

import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** How the collector answers one request: with a status, or by dropping the connection. */
export type Answer = { status: number; retryAfterSeconds?: number } | "drop";

export interface SentEvent {
  id: string;
  name: string;
  url: string;
  occurred_at: number;
  props?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface Batch {
  method: string;
  query: string;
  headers: http.IncomingHttpHeaders;
  merchant: string;
  sent_at: number;
  again: number;
  events: SentEvent[];
}

export interface PageShape {
  /** Stands in the page after the stub. */
  inlineScript?: string;
  /** More attributes of the script tag. */
  attributes?: string;
  /** How often the script tag stands in a page. */
  scriptTags?: number;
  /** /s.js is not answered before this. */
  scriptAfter?: Promise<void>;
}

export interface TrackerSite {
  /** Where pages are: any path is one. */
  origin: string;
  /** What came to the collector, in order, whatever the answer was. */
  batches: Batch[];
  /** Those of them that were answered with 202. */
  accepted: Batch[];
  /** For the next requests, then for all after them. */
  answers: Answer[];
  usual: Answer;
  close(): Promise<void>;
}

export const MERCHANT = "m_test";

const STUB =
  "window.countinghouse=window.countinghouse||function(){(countinghouse.q=countinghouse.q||[]).push(arguments)}";

/** `script` is what /s.js is. */
export async function startTrackerSite(script: string, shape: PageShape = {}): Promise<TrackerSite> {
  const collector = http.createServer((request, response) => {
    if (request.url === "/s.js") {
      void Promise.resolve(shape.scriptAfter).then(() => {
        response.writeHead(200, { "Content-Type": "text/javascript" }).end(script);
      });
    } else if (request.url?.startsWith("/e")) void collect(site, request, response);
    else response.writeHead(204, { "Access-Control-Allow-Origin": "*" }).end();
  });
  const pages = http.createServer((_request, response) => {
    const tag = `<script async src="${originOf(collector)}/s.js" data-merchant="${MERCHANT}" ${shape.attributes ?? ""}></script>`;
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(`<!doctype html><title>A page</title>
      <script>${STUB}</script><script>${shape.inlineScript ?? ""}</script>${tag.repeat(shape.scriptTags ?? 1)}<h1>A page</h1>`);
  });
  const site: TrackerSite = {
    origin: "",
    batches: [],
    accepted: [],
    answers: [],
    usual: { status: 202 },
    async close() {
      await Promise.all([collector, pages].map(stop));
    },
  };
  await Promise.all([collector, pages].map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
  site.origin = originOf(pages);
  return site;
}

/** All events of these batches, in order. */
export const eventsOf = (batches: Batch[]): SentEvent[] => batches.flatMap((batch) => batch.events);

const originOf = (server: http.Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function collect(site: TrackerSite, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const said =
    text === ""
      ? { merchant: "", sent_at: 0, again: 0, events: [] }
      : (JSON.parse(text) as Omit<Batch, "method" | "query" | "headers">);
  const batch: Batch = {
    method: request.method ?? "",
    query: request.url?.split("?")[1] ?? "",
    headers: request.headers,
    ...said,
  };
  const answer = site.answers.shift() ?? site.usual;
  site.batches.push(batch);
  if (answer === "drop") {
    request.socket.destroy();
    return;
  }
  if (answer.status === 202) site.accepted.push(batch);
  response.writeHead(answer.status, {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    ...(answer.retryAfterSeconds === undefined ? {} : { "Retry-After": String(answer.retryAfterSeconds) }),
  });
  response.end(JSON.stringify({ receipts: batch.events.map(({ id }) => ({ id, status: "accepted" })) }));
}

async function stop(server: http.Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
