// A hit: what a client sent, read at the door. `readHit` turns one raw event (unknown JSON) into the event's inputs
// or a rejection; inside, nothing is checked again. Text that only describes is cut to its limit, text that
// identifies is refused when too long. Unknown fields are ignored. No clock, no randomness: both come in.

import type { Event, Item, PropValue } from "./event.ts";
import * as limits from "./limits.ts";
import { isCurrency } from "./money.ts";
import type { Rejection } from "./rejection.ts";
import { fail, ok, type Result } from "./result.ts";
import { clean, cut } from "./text.ts";

/** What the edge knows of the request besides its body. */
export interface Envelope {
  receivedAtMs: number;
  /** Sent with a valid ingest token: may back-date without limit and speak for other visitors. */
  trusted: boolean;
  /** The sender's clock when it sent, if it said so: its difference to ours is taken off `occurred_at`. */
  sentAtMs: number | null;
}

/** Whom the event is about, as a trusted sender says. */
export interface VisitorClaim {
  ip?: string;
  user_agent?: string;
  country?: string;
  region?: string;
  city?: string;
}

export interface Hit {
  /** Null when the sender gave none. */
  id: string | null;
  /** The event's own fields, without those that the edge adds. */
  fields: Omit<Event, "id" | "received_at" | "visitor" | "identified">;
  user: string | null;
  visitor: VisitorClaim | null;
}

type Fields = Record<string, unknown>;

/** Reads the `visitor` of a whole request, which holds for its events unless they say otherwise. */
export function readVisitor(value: unknown, path: string, trusted: boolean): Result<VisitorClaim | null, Rejection> {
  if (!isPresent(value)) return ok(null);
  return refusing(() => visitorClaim(value, path, trusted));
}

class Refused extends Error {
  readonly rejection: Rejection;
  constructor(rejection: Rejection) {
    super(rejection.reason);
    this.rejection = rejection;
  }
}

/** Reads one raw event; `path` is its JSON pointer in the request. Never throws. */
export function readHit(raw: unknown, path: string, envelope: Envelope): Result<Hit, Rejection> {
  if (!isObject(raw)) return fail({ reason: "not_an_object", path });
  return refusing(() => hitOf(raw, path, envelope));
}

function refusing<Value>(read: () => Value): Result<Value, Rejection> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Refused) return fail(error.rejection);
    throw error;
  }
}

// Throwing inside and catching once keeps the readers below plain; only `Refused` takes that way.
function hitOf(raw: Fields, path: string, envelope: Envelope): Hit {
  const name = requiredName(raw.name, `${path}/name`);
  const fields: Hit["fields"] = { name, occurred_at: occurredAt(raw.occurred_at, `${path}/occurred_at`, envelope) };
  const url = urlText(raw.url, `${path}/url`);
  if (url !== null) fields.url = url;
  setText(fields, "referrer", raw.referrer, path, limits.URL_CHARS_MAX);
  setText(fields, "title", raw.title, path, limits.TITLE_CHARS_MAX);
  setText(fields, "language", raw.language, path, limits.LANGUAGE_CHARS_MAX);
  setText(fields, "screen", raw.screen, path, limits.SCREEN_CHARS_MAX);
  setText(fields, "coupon", raw.coupon, path, limits.ITEM_TEXT_CHARS_MAX);
  const props = propsOf(raw.props, `${path}/props`);
  if (props !== null) fields.props = props;
  setNumber(fields, "value", raw.value, path);
  setNumber(fields, "tax", raw.tax, path);
  setNumber(fields, "shipping", raw.shipping, path);
  if (isPresent(raw.currency)) fields.currency = currencyOf(raw.currency, `${path}/currency`);
  if (isPresent(raw.transaction_id)) {
    fields.transaction_id = identifier(raw.transaction_id, `${path}/transaction_id`, limits.TRANSACTION_ID_CHARS_MAX);
  }
  const items = itemsOf(raw.items, `${path}/items`);
  if (items !== null) fields.items = items;
  return {
    id: isPresent(raw.id) ? eventId(raw.id, `${path}/id`) : null,
    fields,
    user: isPresent(raw.user) ? identifier(raw.user, `${path}/user`, limits.USER_CHARS_MAX) : null,
    visitor: isPresent(raw.visitor) ? visitorClaim(raw.visitor, `${path}/visitor`, envelope.trusted) : null,
  };
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

function requiredName(value: unknown, path: string): string {
  if (!isPresent(value)) throw new Refused({ reason: "missing", path });
  return identifier(value, path, limits.EVENT_NAME_CHARS_MAX);
}

function eventId(value: unknown, path: string): string {
  const id = identifier(value, path, limits.EVENT_ID_CHARS_MAX);
  if (!/^[\x21-\x7e]+$/.test(id)) throw new Refused({ reason: "invalid_id", path });
  return id;
}

/** Text that identifies; a number is read as its decimal digits. */
function identifier(value: unknown, path: string, max: number): string {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== "string") throw new Refused({ reason: "wrong_type", path, expected: "a string" });
  if (text.length > max) throw new Refused({ reason: "too_long", path, max });
  return clean(text);
}

function setText(
  fields: Hit["fields"],
  name: "referrer" | "title" | "language" | "screen" | "coupon",
  value: unknown,
  path: string,
  max: number,
): void {
  if (!isPresent(value)) return;
  if (typeof value !== "string") {
    throw new Refused({ reason: "wrong_type", path: `${path}/${name}`, expected: "a string" });
  }
  fields[name] = cut(clean(value), max);
}

function urlText(value: unknown, path: string): string | null {
  if (!isPresent(value)) return null;
  if (typeof value !== "string") throw new Refused({ reason: "wrong_type", path, expected: "a string" });
  if (value.length > limits.URL_CHARS_MAX) throw new Refused({ reason: "too_long", path, max: limits.URL_CHARS_MAX });
  const wellFormed = /^[a-z][a-z0-9+.-]*:/i.test(value) && !/^(data|javascript):/i.test(value);
  if (!wellFormed || (/^https?:/i.test(value) && !URL.canParse(value))) {
    throw new Refused({ reason: "invalid_url", path });
  }
  return value;
}

function setNumber(fields: Hit["fields"], name: "value" | "tax" | "shipping", value: unknown, path: string): void {
  if (isPresent(value)) fields[name] = amount(value, `${path}/${name}`, limits.MONEY_MAJOR_UNITS_MAX);
}

/** A number, or one written as a string, with a point or (as shops in the wild send it) a comma: "72,93". */
function amount(value: unknown, path: string, max: number): number {
  const number = typeof value === "string" && /^-?\d+([.,]\d+)?$/.test(value) ? Number(value.replace(",", ".")) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || Math.abs(number) > max) {
    throw new Refused({ reason: "invalid_number", path, max });
  }
  return number;
}

function currencyOf(value: unknown, path: string): string {
  const code = typeof value === "string" ? value.toUpperCase() : "";
  if (!isCurrency(code)) throw new Refused({ reason: "invalid_currency", path });
  return code;
}

function propsOf(value: unknown, path: string): Record<string, PropValue> | null {
  if (!isPresent(value)) return null;
  if (!isObject(value)) throw new Refused({ reason: "wrong_type", path, expected: "an object of scalars" });
  const names = Object.keys(value);
  if (names.length > limits.PROPS_MAX) throw new Refused({ reason: "too_many", path, max: limits.PROPS_MAX });
  // No prototype: a prop called "__proto__" is a prop like any other.
  const props = Object.create(null) as Record<string, PropValue>;
  for (const name of names) {
    if (name.length > limits.PROP_NAME_CHARS_MAX) {
      throw new Refused({ reason: "too_long", path: `${path}/${pointer(name)}`, max: limits.PROP_NAME_CHARS_MAX });
    }
    const prop = value[name];
    if (!isPresent(prop)) continue;
    if (typeof prop === "string") props[clean(name)] = cut(clean(prop), limits.PROP_VALUE_CHARS_MAX);
    else if (typeof prop === "boolean" || (typeof prop === "number" && Number.isFinite(prop)))
      props[clean(name)] = prop;
    else {
      const expected = "a string, a number or a boolean";
      throw new Refused({ reason: "wrong_type", path: `${path}/${pointer(name)}`, expected });
    }
  }
  return props;
}

function itemsOf(value: unknown, path: string): Item[] | null {
  if (!isPresent(value)) return null;
  if (!Array.isArray(value)) throw new Refused({ reason: "wrong_type", path, expected: "an array of items" });
  if (value.length > limits.ITEMS_MAX) throw new Refused({ reason: "too_many", path, max: limits.ITEMS_MAX });
  return value.map((item: unknown, i) => itemOf(item, `${path}/${i}`));
}

const ITEM_TEXTS = ["item_id", "item_name", "item_brand", "item_category", "item_variant", "coupon"] as const;

function itemOf(raw: unknown, path: string): Item {
  if (!isObject(raw)) throw new Refused({ reason: "wrong_type", path, expected: "an item object" });
  const item: Item = {};
  for (const name of ITEM_TEXTS) {
    const value = raw[name];
    if (!isPresent(value)) continue;
    if (typeof value !== "string" && typeof value !== "number") {
      throw new Refused({ reason: "wrong_type", path: `${path}/${name}`, expected: "a string" });
    }
    item[name] = cut(clean(String(value)), limits.ITEM_TEXT_CHARS_MAX);
  }
  if (item.item_id === undefined && item.item_name === undefined) {
    throw new Refused({ reason: "missing", path: `${path}/item_id` });
  }
  if (isPresent(raw.price)) item.price = amount(raw.price, `${path}/price`, limits.MONEY_MAJOR_UNITS_MAX);
  if (isPresent(raw.quantity)) {
    item.quantity = amount(raw.quantity, `${path}/quantity`, limits.ITEM_QUANTITY_MAX);
    if (Math.abs((item.price ?? 0) * item.quantity) > limits.MONEY_MAJOR_UNITS_MAX) {
      throw new Refused({ reason: "invalid_number", path: `${path}/quantity`, max: limits.ITEM_QUANTITY_MAX });
    }
  }
  return item;
}

function visitorClaim(value: unknown, path: string, trusted: boolean): VisitorClaim {
  if (!trusted) throw new Refused({ reason: "token_needed", path });
  if (!isObject(value)) throw new Refused({ reason: "wrong_type", path, expected: "an object" });
  const claim: VisitorClaim = {};
  for (const name of ["ip", "user_agent", "country", "region", "city"] as const) {
    const text = value[name];
    if (!isPresent(text)) continue;
    if (typeof text !== "string") {
      throw new Refused({ reason: "wrong_type", path: `${path}/${name}`, expected: "a string" });
    }
    claim[name] = cut(clean(text), name === "user_agent" ? limits.USER_AGENT_CHARS_MAX : limits.PLACE_CHARS_MAX);
  }
  return claim;
}

/**
 * When it happened, by our clock. A sender that says when it sent is corrected by the difference of the clocks
 * (Segment's rule: received − (sent − occurred)). A little ahead of us means now.
 */
function occurredAt(value: unknown, path: string, envelope: Envelope): number {
  if (!isPresent(value)) return envelope.receivedAtMs;
  const said = instantOf(value);
  if (said === null) throw new Refused({ reason: "invalid_time", path });
  const corrected = envelope.sentAtMs === null ? said : envelope.receivedAtMs - Math.max(0, envelope.sentAtMs - said);
  if (corrected <= 0) throw new Refused({ reason: "invalid_time", path });
  if (corrected > envelope.receivedAtMs + limits.FUTURE_MS_MAX) throw new Refused({ reason: "in_future", path });
  if (!envelope.trusted && corrected < envelope.receivedAtMs - limits.LATE_MS_MAX) {
    throw new Refused({ reason: "too_old", path, hours: limits.LATE_MS_MAX / 3_600_000 });
  }
  return Math.min(corrected, envelope.receivedAtMs);
}

/** Milliseconds since 1970 of a number or an ISO 8601 string with an offset; null for anything else. */
export function instantOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value : null;
  if (typeof value !== "string") return null;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || ms <= 0 ? null : ms;
}

const pointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1").slice(0, 120);
