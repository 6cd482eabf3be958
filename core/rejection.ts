// Why an event was refused, with the evidence. The reason is what books and counters go by; the message tells the
// sender what was wrong and what would be right. A new reason does not compile until `explain` has words for it.

export type Rejection =
  | { reason: "unknown_merchant"; path: string; merchant: string }
  | { reason: "not_an_object"; path: string }
  | { reason: "missing"; path: string }
  | { reason: "wrong_type"; path: string; expected: string }
  | { reason: "too_long"; path: string; max: number }
  | { reason: "too_many"; path: string; max: number }
  | { reason: "too_large"; path: string; max: number }
  | { reason: "invalid_id"; path: string }
  | { reason: "invalid_url"; path: string }
  | { reason: "invalid_number"; path: string; max: number }
  | { reason: "invalid_currency"; path: string }
  | { reason: "invalid_time"; path: string }
  | { reason: "too_old"; path: string; hours: number }
  | { reason: "in_future"; path: string }
  | { reason: "token_needed"; path: string }
  | { reason: "foreign_merchant"; path: string };

/** One sentence for the sender: what was wrong and what would be right. */
export function explain(rejection: Rejection): string {
  switch (rejection.reason) {
    case "unknown_merchant":
      return `No merchant has the id ${JSON.stringify(rejection.merchant)}. It stands in the script tag and begins with "m_".`;
    case "not_an_object":
      return "An event is a JSON object.";
    case "missing":
      return "This field is needed.";
    case "wrong_type":
      return `This must be ${rejection.expected}.`;
    case "too_long":
      return `This may have ${rejection.max} characters.`;
    case "too_many":
      return `There may be ${rejection.max} of these.`;
    case "too_large":
      return `One event may have ${rejection.max} bytes.`;
    case "invalid_id":
      return "An id is 1 to 64 printable characters without spaces.";
    case "invalid_url":
      return 'This must be an absolute URL, such as "https://shop.example/page".';
    case "invalid_number":
      return `This must be a number of at most ${rejection.max}, or one written as a string ("72.93").`;
    case "invalid_currency":
      return 'A currency is an ISO 4217 code, such as "EUR".';
    case "invalid_time":
      return 'A time is milliseconds since 1970 or an ISO 8601 string with an offset, such as "2026-11-24T14:00:00Z".';
    case "too_old":
      return `An event may come up to ${rejection.hours} hours late; older ones need an ingest token.`;
    case "in_future":
      return "This time has not come yet.";
    case "token_needed":
      return "Only a sender with an ingest token may say who the visitor is.";
    case "foreign_merchant":
      return "The token that this was sent with is not for this merchant.";
  }
}
