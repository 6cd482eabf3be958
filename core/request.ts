// The body of a collect request: `{ merchant, events: […] }`, one event with its merchant, or an array of those.
// Only what cannot be read at all fails here; single events are judged by `readHit`, and none spoils its neighbours.

import { REQUEST_EVENTS_MAX } from "./limits.ts";
import { instantOf } from "./hit.ts";
import { fail, ok, type Result } from "./result.ts";

export interface RawEvent {
  /** As sent; "" when it is no string. */
  merchant: string;
  raw: unknown;
  /** JSON pointer in the body. */
  path: string;
  /** It may have been sent before. */
  again: boolean;
}

export interface CollectRequest {
  events: RawEvent[];
  /** The sender's clock, if it said so. */
  sentAtMs: number | null;
  /** About the visitor of all events, as a trusted sender says; single events may say otherwise. */
  visitor: unknown;
}

export interface Unreadable {
  error: string;
}

export function readRequest(body: unknown): Result<CollectRequest, Unreadable> {
  if (Array.isArray(body))
    return counted(
      body.map((raw: unknown, i) => rawEvent(raw, `/${i}`)),
      null,
      undefined,
    );
  if (typeof body !== "object" || body === null) {
    return fail({ error: 'The body must be a JSON object: { "merchant": "m_…", "events": [ … ] }, or one event.' });
  }
  const fields = body as Record<string, unknown>;
  const sentAtMs = instantOf(fields.sent_at);
  if (fields.events === undefined) return counted([rawEvent(body, "")], sentAtMs, undefined);
  if (!Array.isArray(fields.events)) return fail({ error: '"events" must be an array of events.' });
  const merchant = merchantOf(fields.merchant);
  const again = againOf(body);
  const events = fields.events.map((raw: unknown, i) => ({
    merchant,
    raw,
    path: `/events/${i}`,
    again: again === true || i < Number(again) || againOf(raw) === true,
  }));
  return counted(events, sentAtMs, fields.visitor);
}

function counted(events: RawEvent[], sentAtMs: number | null, visitor: unknown): Result<CollectRequest, Unreadable> {
  if (events.length > REQUEST_EVENTS_MAX) {
    return fail({ error: `A request may hold ${REQUEST_EVENTS_MAX} events; this one has ${events.length}.` });
  }
  return ok({ events, sentAtMs, visitor });
}

const rawEvent = (raw: unknown, path: string): RawEvent => ({
  merchant: merchantOf(typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>).merchant : undefined),
  raw,
  path,
  again: againOf(raw) === true,
});

/** Of an event, or of a request: of all its events, or of so many from the first on. A hint: anything else says nothing. */
const againOf = (value: unknown): boolean | number => {
  const again = typeof value === "object" && value !== null ? (value as Record<string, unknown>).again : false;
  return typeof again === "number" || again === true ? again : false;
};

const merchantOf = (value: unknown): string => (typeof value === "string" ? value : "");
