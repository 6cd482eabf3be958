// The stored fact. An event holds inputs, never conclusions: browser, channel and verdict are what the fold makes
// of it, and what a replay must be able to change. No IP address is in it, ever.
// The names are those of the raw files (NDJSON and Parquet), so what is read in SQL is what is read here.

export type PropValue = string | number | boolean;

/** A product line in GA4's terms. `price` is for one unit, in major units of the event's currency. */
export interface Item {
  item_id?: string;
  item_name?: string;
  item_brand?: string;
  item_category?: string;
  item_variant?: string;
  coupon?: string;
  price?: number;
  quantity?: number;
}

export interface Event {
  /** Given by the sender, or by the edge (then a sender's retry cannot be recognised). */
  id: string;
  name: string;
  /** Milliseconds since 1970, corrected for the sender's clock; never after `received_at`. */
  occurred_at: number;
  received_at: number;
  /** 64 bits as 16 lower-case hexadecimal digits. */
  visitor: string;
  /** The visitor comes from an id that the sender supplied, so it is the same on other days. */
  identified?: true;
  url?: string;
  referrer?: string;
  title?: string;
  user_agent?: string;
  language?: string;
  /** "1920x1080" */
  screen?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  /** ISO 3166-2 without the country where the edge knows it, else its name. */
  region?: string;
  city?: string;
  /** It came from an address that the merchant has excluded. The mark is all that is left of it. */
  excluded_address?: true;
  props?: Record<string, PropValue>;
  value?: number;
  /** ISO 4217. */
  currency?: string;
  transaction_id?: string;
  tax?: number;
  shipping?: number;
  coupon?: string;
  items?: Item[];
}
