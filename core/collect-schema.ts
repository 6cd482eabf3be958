// The JSON Schema (draft 2020-12) of what POST /e takes, made from the limits that `hit.ts` enforces. Published for
// senders; judging is `hit.ts`'s, which is more lenient: descriptive text that is too long is cut, an odd `again` is no hint.

import * as limits from "./limits.ts";

const text = (maxLength: number) => ({ type: "string", maxLength });
const identifier = (maxLength: number) => ({ type: ["string", "number"], maxLength });
/** A number, or one written as a string with a point or a comma. */
const amount = (maximum: number) => ({
  anyOf: [
    { type: "number", minimum: -maximum, maximum },
    { type: "string", pattern: "^-?\\d+([.,]\\d+)?$" },
  ],
});
const time = {
  description: "Milliseconds since 1970, or ISO 8601 with an offset.",
  anyOf: [
    { type: "integer", exclusiveMinimum: 0 },
    { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$" },
  ],
};

const again = {
  type: "boolean",
  description: "True when it may have been sent before: it counts once even if it came from another address then.",
};
const againOfAll = {
  type: ["boolean", "integer"],
  description: "The same of all events, or of so many from the first on.",
};

const visitor = {
  description: "Whom the event is about. Needs an ingest token.",
  type: "object",
  properties: {
    ip: text(limits.PLACE_CHARS_MAX),
    user_agent: text(limits.USER_AGENT_CHARS_MAX),
    country: text(limits.PLACE_CHARS_MAX),
    region: text(limits.PLACE_CHARS_MAX),
    city: text(limits.PLACE_CHARS_MAX),
  },
};

const itemProperties = {
  item_id: identifier(limits.ITEM_TEXT_CHARS_MAX),
  item_name: identifier(limits.ITEM_TEXT_CHARS_MAX),
  item_brand: identifier(limits.ITEM_TEXT_CHARS_MAX),
  item_category: identifier(limits.ITEM_TEXT_CHARS_MAX),
  item_variant: identifier(limits.ITEM_TEXT_CHARS_MAX),
  coupon: identifier(limits.ITEM_TEXT_CHARS_MAX),
  price: { ...amount(limits.MONEY_MAJOR_UNITS_MAX), description: "Of one unit, in major units of the currency." },
  quantity: { ...amount(limits.ITEM_QUANTITY_MAX), description: "1 when left out." },
};

/** A product is known by its id, its name, or both. */
const item = {
  anyOf: ["item_id", "item_name"].map((name) => ({ type: "object", required: [name], properties: itemProperties })),
};

const properties = {
  id: {
    type: ["string", "number"],
    minLength: 1,
    maxLength: limits.EVENT_ID_CHARS_MAX,
    pattern: "^[\\x21-\\x7e]+$",
    description:
      "Makes the event count once however often it is sent. Without one a repeated event cannot be recognised.",
  },
  name: {
    ...identifier(limits.EVENT_NAME_CHARS_MAX),
    description: 'For example "pageview", "purchase" or a name of your own.',
  },
  url: text(limits.URL_CHARS_MAX),
  referrer: text(limits.URL_CHARS_MAX),
  title: text(limits.TITLE_CHARS_MAX),
  language: text(limits.LANGUAGE_CHARS_MAX),
  screen: text(limits.SCREEN_CHARS_MAX),
  props: {
    type: "object",
    maxProperties: limits.PROPS_MAX,
    propertyNames: { maxLength: limits.PROP_NAME_CHARS_MAX },
    additionalProperties: { type: ["string", "number", "boolean", "null"] },
  },
  value: amount(limits.MONEY_MAJOR_UNITS_MAX),
  currency: { type: "string", pattern: "^[A-Za-z]{3}$", description: "ISO 4217; the merchant's when left out." },
  transaction_id: identifier(limits.TRANSACTION_ID_CHARS_MAX),
  tax: amount(limits.MONEY_MAJOR_UNITS_MAX),
  shipping: amount(limits.MONEY_MAJOR_UNITS_MAX),
  coupon: text(limits.ITEM_TEXT_CHARS_MAX),
  items: { type: "array", maxItems: limits.ITEMS_MAX, items: item },
  user: {
    ...identifier(limits.USER_CHARS_MAX),
    description: "Your id of the person: makes the visitor the same on every day.",
  },
  occurred_at: { ...time, description: "When it happened; now when left out." },
  again,
  visitor,
};

const event = { type: "object", required: ["name"], properties };
const merchant = { type: "string", pattern: "^m_", maxLength: limits.MERCHANT_ID_CHARS_MAX };
const single = { type: "object", required: ["merchant", "name"], properties: { merchant, ...properties } };

export const COLLECT_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Countinghouse: POST /e",
  anyOf: [
    {
      type: "object",
      required: ["merchant", "events"],
      properties: {
        merchant,
        events: { type: "array", maxItems: limits.REQUEST_EVENTS_MAX, items: event },
        sent_at: { ...time, description: "The sender's clock when it sends: its error is taken off occurred_at." },
        again: againOfAll,
        visitor,
      },
    },
    single,
    { type: "array", maxItems: limits.REQUEST_EVENTS_MAX, items: single },
  ],
};
