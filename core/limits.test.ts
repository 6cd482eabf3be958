import { expect, test } from "vitest";
import * as limits from "./limits.ts";
import { DIMENSIONS } from "./rollup.ts";
import { toUnits } from "./money.ts";

/** A character of JavaScript is at most three bytes of UTF-8. */
const UTF8_BYTES_PER_CHAR = 3;
/** What the edge adds to an event besides user agent and place: ids, instants and names of fields. */
const EDGE_FIELDS_CHARS = 250;

const ascending = (...numbers: number[]): void => expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);

test("an event fits a log row and a queue message, whatever its letters", () => {
  ascending(limits.EVENT_BYTES_MAX, limits.LOG_ROW_BYTES_MAX, limits.SQL_ROW_BYTES_MAX);
  ascending(UTF8_BYTES_PER_CHAR * limits.EVENT_BYTES_MAX, limits.SQL_ROW_BYTES_MAX);
  ascending(limits.EVENT_BYTES_MAX, limits.QUEUE_MESSAGE_BYTES_MAX);
});

test("a request fits one commit, with what the edge adds to its events", () => {
  const added = limits.USER_AGENT_CHARS_MAX + 2 * limits.PLACE_CHARS_MAX + EDGE_FIELDS_CHARS;
  ascending(limits.REQUEST_BYTES_MAX, limits.LOG_ROW_BYTES_MAX);
  ascending(limits.REQUEST_BYTES_MAX + limits.REQUEST_EVENTS_MAX * added, limits.SQL_ROW_BYTES_MAX);
  ascending(limits.LOG_ROW_BYTES_MAX, limits.PENDING_BYTES_MAX);
  ascending(limits.LOG_ROW_BYTES_MAX, limits.CHECKPOINT_LOG_BYTES_MAX);
});

test("an event with all its text at the limit is not larger than an event may be", () => {
  const text =
    2 * limits.URL_CHARS_MAX +
    limits.TITLE_CHARS_MAX +
    limits.USER_AGENT_CHARS_MAX +
    limits.PROPS_MAX * (limits.PROP_NAME_CHARS_MAX + limits.PROP_VALUE_CHARS_MAX);
  ascending(text + EDGE_FIELDS_CHARS, limits.EVENT_BYTES_MAX);
});

test("queue messages: what costs one operation fits one message, and two messages fit a batch", () => {
  ascending(limits.QUEUE_OPERATION_BYTES, limits.QUEUE_MESSAGE_BYTES_MAX);
  ascending(2 * limits.QUEUE_MESSAGE_BYTES_MAX, limits.QUEUE_BATCH_BYTES_MAX);
});

test("a visit stays live for longer than an event in order could still join it", () => {
  ascending(limits.VISIT_GAP_MS + 1, limits.VISIT_LINGER_MS);
});

test("what names a value fits a value", () => {
  for (const chars of [limits.EVENT_NAME_CHARS_MAX, limits.ITEM_TEXT_CHARS_MAX, limits.PLACE_CHARS_MAX]) {
    ascending(chars, limits.DIMENSION_VALUE_CHARS_MAX);
  }
});

test("a line is exact in every currency, and no sum passes what Postgres holds", () => {
  // JSON writes it as digits, and Postgres' bigint takes them.
  expect(BigInt(JSON.stringify(limits.MONEY_SUM_MAX))).toBeLessThan(2n ** 63n);
  for (const currency of ["JPY", "EUR"]) {
    expect(Number.isSafeInteger(toUnits(limits.MONEY_MAJOR_UNITS_MAX, currency))).toBe(true);
  }
  ascending(toUnits(limits.MONEY_MAJOR_UNITS_MAX, "KWD"), limits.MONEY_SUM_MAX);
});

test("memory: ids are a power of two, few hours are kept, and the largest hour is bounded", () => {
  expect(Math.log2(limits.EVENT_IDS_MAX) % 1).toBe(0);
  ascending(1, limits.HOURS_IN_MEMORY_MAX);
  // A shard's number is a smallint.
  ascending(limits.SHARDS_MAX, 32_767);
  ascending(DIMENSIONS.length * limits.DIMENSION_VALUES_MAX, 50_000);
});
