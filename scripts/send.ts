// Sends events to a Countinghouse as a server does: `POST /e` with an ingest token, in batches that fit a request, a
// bounded number of them at a time, again and again while the other side is out of reach or asks to wait. Resolves
// only when every event has its receipt. Sending the same events once more is safe: they have ids.
// One request at a time (the default) keeps the order of the events, which visits depend on.

import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Item, PropValue } from "../core/event.ts";
import type { VisitorClaim } from "../core/hit.ts";
import { REQUEST_BYTES_MAX, REQUEST_EVENTS_MAX } from "../core/limits.ts";

/** An event as `POST /e` takes it from a trusted sender. */
export interface WireEvent {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  occurred_at: number;
  url?: string;
  referrer?: string;
  title?: string;
  language?: string;
  screen?: string;
  user?: string;
  visitor?: VisitorClaim;
  props?: Record<string, PropValue>;
  value?: number;
  currency?: string;
  transaction_id?: string;
  tax?: number;
  shipping?: number;
  coupon?: string;
  items?: Item[];
}

export interface Target {
  /** Without a slash at the end. */
  url: string;
  ingestToken: string;
  merchant: string;
}

export interface SendOptions {
  /** Requests under way at once. */
  concurrency?: number;
  /** Counts are added to it. */
  outcome?: Outcome;
  /** Told after every answer. */
  progress?: (outcome: Outcome) => void;
  /** How long one batch is waited with in all before the other side is given up. */
  patienceMs?: number;
  wait?: (ms: number) => Promise<unknown>;
}

export interface Outcome {
  /** Events with a receipt. */
  sent: number;
  accepted: number;
  duplicate: number;
  /** reason → events */
  rejected: Record<string, number>;
  /** The first refusal of each reason, as the other side explained it. */
  refusals: Record<string, string>;
  requests: number;
  /** Requests sent again. */
  retries: number;
}

type Events = AsyncIterable<readonly WireEvent[]> | Iterable<readonly WireEvent[]>;

/** Throws when the other side refuses a whole request, or stays away for longer than `patienceMs`. */
export async function send(target: Target, events: Events, options: SendOptions = {}): Promise<Outcome> {
  const outcome = options.outcome ?? emptyOutcome();
  const batches = batchesOf(events, target.merchant);
  const sendOneAfterTheOther = async (): Promise<void> => {
    let coming = batches.next();
    for (;;) {
      const { value: batch, done } = await coming;
      if (done === true) return;
      const answered = deliver(target, batch, outcome, options);
      // The next batch is made while this one is on its way.
      coming = batches.next();
      coming.catch(() => {});
      await answered;
      options.progress?.(outcome);
    }
  };
  const senders = Array.from({ length: options.concurrency ?? 1 }, sendOneAfterTheOther);
  await Promise.all(senders);
  return outcome;
}

export const emptyOutcome = (): Outcome => ({
  sent: 0,
  accepted: 0,
  duplicate: 0,
  rejected: {},
  refusals: {},
  requests: 0,
  retries: 0,
});

const PATIENCE_MS = 10 * 60_000;
const REQUEST_MS_MAX = 60_000;
const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 10_000;

interface Batch {
  body: string;
  events: number;
}

async function* batchesOf(events: Events, merchant: string): AsyncGenerator<Batch, undefined> {
  const head = `{"merchant":${JSON.stringify(merchant)},"events":[`;
  const room = REQUEST_BYTES_MAX - head.length - "]}".length;
  let lines: string[] = [];
  let bytes = 0;
  const take = (): Batch => {
    const batch = { body: `${head}${lines.join(",")}]}`, events: lines.length };
    lines = [];
    bytes = 0;
    return batch;
  };
  for await (const some of events) {
    for (const event of some) {
      const line = JSON.stringify(event);
      const size = Buffer.byteLength(line) + 1;
      if (lines.length === REQUEST_EVENTS_MAX || (lines.length > 0 && bytes + size > room)) yield take();
      lines.push(line);
      bytes += size;
    }
  }
  if (lines.length > 0) yield take();
  return undefined;
}

async function deliver(target: Target, batch: Batch, outcome: Outcome, options: SendOptions): Promise<void> {
  const { patienceMs = PATIENCE_MS, wait = sleep } = options;
  const request = await requestOf(target, batch);
  let waitedMs = 0;
  for (let attempt = 0; ; attempt++) {
    outcome.requests++;
    const answer = await ask(`${target.url}/e`, request);
    if (answer.kind === "receipts") return count(answer.receipts, batch, outcome);
    if (answer.kind === "refused") throw new Error(answer.why);
    const delayMs = Math.max(answer.afterMs, backoffMs(attempt));
    waitedMs += delayMs;
    if (waitedMs > patienceMs) throw new Error(`Given up after ${attempt + 1} attempts: ${answer.why}`);
    outcome.retries++;
    await wait(delayMs);
  }
}

async function requestOf({ url, ingestToken }: Target, { body }: Batch): Promise<RequestInit> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${ingestToken}` };
  if (isHere(url)) return { method: "POST", headers, body };
  const packed = await promisify(gzip)(body);
  return { method: "POST", headers: { ...headers, "content-encoding": "gzip" }, body: packed };
}

/** Packing saves the network, which there is none of on the same machine. */
const isHere = (url: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);

/** A full jitter would let a herd of senders spread; there is one. */
const backoffMs = (attempt: number): number => Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(attempt, 10));

interface Receipt {
  status: "accepted" | "duplicate" | "rejected";
  reason?: string;
  path?: string;
  message?: string;
}

type Answer =
  | { kind: "receipts"; receipts: Receipt[] }
  | { kind: "later"; afterMs: number; why: string }
  | { kind: "refused"; why: string };

async function ask(url: string, request: RequestInit): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...request, signal: AbortSignal.timeout(REQUEST_MS_MAX) });
    text = await response.text();
  } catch (error) {
    return { kind: "later", afterMs: 0, why: `${url} is out of reach: ${reasonOf(error)}` };
  }
  const { status, headers } = response;
  if (status === 202) return { kind: "receipts", receipts: (JSON.parse(text) as { receipts: Receipt[] }).receipts };
  const why = `${url} answered ${status}: ${text.slice(0, 500)}`;
  if (status !== 429 && status < 500) return { kind: "refused", why };
  return { kind: "later", afterMs: retryAfterMs(headers.get("retry-after")), why };
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

/** Seconds or a date; 0 for anything else. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

function count(receipts: readonly Receipt[], batch: Batch, outcome: Outcome): void {
  if (receipts.length !== batch.events) {
    throw new Error(`${batch.events} events were sent and ${receipts.length} receipts came back.`);
  }
  const [first] = receipts;
  // Then it is so for all that are to come.
  if (first?.reason === "unknown_merchant") throw new Error(first.message ?? first.reason);
  outcome.sent += receipts.length;
  for (const { status, reason = "unknown", path, message } of receipts) {
    if (status === "accepted") outcome.accepted++;
    else if (status === "duplicate") outcome.duplicate++;
    else {
      outcome.rejected[reason] = (outcome.rejected[reason] ?? 0) + 1;
      outcome.refusals[reason] ??= `${path ?? ""} ${message ?? ""}`.trim();
    }
  }
}
