import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { chunkKey, derivedNameOf, derivedPrefix, rawFileKey, rawPrefix } from "../core/archive.ts";
import { type Books, balanced } from "../core/books.ts";
import { DayState } from "../core/day.ts";
import type { Event } from "../core/event.ts";
import { foldEvent } from "../core/fold.ts";
import type { Merchant } from "../core/merchant.ts";
import type { SealMessage } from "../core/messages.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import { reordered, trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { processing } from "../core/processing.ts";
import { database } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { gzip, worldOf } from "./doubles.ts";
import { openRawFile, readRawFile } from "../archive/raw-day.ts";
import { writeRows } from "./rows.ts";
import { sealDay } from "./seal.ts";

const bindings = env as unknown as Bindings;
const sql = database(bindings);
const DATE = "2026-11-23";
const CHUNK_EVENTS = 97;

const merchantOf = (id: string): Merchant => ({
  id,
  name: "Shop",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
});
const DAY = dayOf("Europe/Berlin", DATE);

/** A day as it came in, each event once. */
const dayEvents = (merchant: Merchant, people = 60): Event[] => {
  const happened = trafficOf({ merchant, seed: 7, fromMs: DAY.startMs, toMs: DAY.endMs, people });
  return reordered(happened, 3, 120_000);
};

/** A day as the object leaves it: chunks in R2, hours and books in Postgres. */
class World {
  readonly merchant: Merchant;
  readonly state: DayState;
  readonly events: Event[] = [];
  seq = 0;
  books: Books = { received: 0, accepted: 0, duplicate: 0, rejected: {}, verdicts: {} };

  constructor(id: string) {
    this.merchant = merchantOf(id);
    this.state = new DayState(DAY, this.merchant, () => null);
  }

  /** Counted live. */
  async live(events: readonly Event[]): Promise<void> {
    await this.#archive(events, (event, seq) => void foldEvent(this.state, event, seq));
    this.books = { ...this.state.books, received: this.state.books.accepted };
    await this.publish();
  }

  async late(events: readonly Event[]): Promise<void> {
    await this.#archive(events, () => {
      this.books.received++;
      this.books.accepted++;
      this.books.verdicts["late"] = (this.books.verdicts["late"] ?? 0) + 1;
    });
    await writeRows(sql, [this.#booksRow()]);
  }

  async publish(): Promise<void> {
    const hours = [...this.state.hours.values()].map((hour) => ({
      kind: "whole" as const,
      json: JSON.stringify(snapshot(hour, this.merchant.id, 0, EVERYTHING)),
      sources: [],
    }));
    await writeRows(sql, [...hours, this.#booksRow()]);
  }

  message(seq = this.seq, closedSeq?: number): SealMessage {
    const message: SealMessage = { kind: "seal", merchant: this.merchant, shard: 0, date: DATE, seq };
    return closedSeq === undefined ? message : { ...message, closedSeq };
  }

  #booksRow() {
    const { books, seq } = this;
    const message = { kind: "books", merchant: this.merchant.id, shard: 0, date: DATE, seq, books };
    return { kind: "books" as const, json: JSON.stringify(message), sources: [] };
  }

  async #archive(events: readonly Event[], count: (event: Event, seq: number) => void): Promise<void> {
    for (let at = 0; at < events.length; at += CHUNK_EVENTS) {
      const chunk = events.slice(at, at + CHUNK_EVENTS);
      const from = this.seq + 1;
      for (const event of chunk) count(event, ++this.seq);
      this.events.push(...chunk);
      await putChunk(this.merchant.id, from, this.seq, chunk);
    }
  }
}

const putChunk = async (merchant: string, from: number, to: number, events: readonly Event[]): Promise<void> => {
  const body = await gzip(`${events.map((event) => JSON.stringify(event)).join("\n")}\n`);
  await bindings.ARCHIVE.put(chunkKey({ merchant, date: DATE, shard: 0, from, to }), body, {
    customMetadata: { events: String(events.length) },
  });
};

const rawKeys = async (merchant: string): Promise<string[]> => {
  const { objects } = await bindings.ARCHIVE.list({ prefix: rawPrefix(merchant, DATE) });
  return objects.map(({ key }) => key.slice(rawPrefix(merchant, DATE).length));
};

const rawEvents = async (merchant: string, through: number): Promise<Event[]> => {
  const file = await openRawFile(bindings.ARCHIVE, rawFileKey(merchant, DATE, 0, through));
  const events: Event[] = [];
  for await (const batch of readRawFile(file, DAY)) events.push(...batch);
  return events;
};

const derivedGenerations = async (merchant: string): Promise<number[]> => {
  const { objects } = await bindings.ARCHIVE.list({ prefix: derivedPrefix(merchant, DATE) });
  return objects.map(({ key }) => derivedNameOf(key)!.generation);
};

const bookOf = async (merchant: string) => {
  const [row] = await sql`
    SELECT generation, sealed_at IS NOT NULL AS sealed, sealed_seq::int, proven, proof, difference, stale_seq::int,
      received::int, accepted::int, duplicate::int, rejected, verdicts
    FROM day_book WHERE merchant = ${merchant}`;
  return row as Books & Record<string, unknown>;
};

const dailyOf = async (merchant: string) => {
  const rows = await sql`
    SELECT generation, visitors::int, visits::int, pageviews::int, events::int, gross::float8, refunds::float8, page
    FROM daily_rollups WHERE merchant = ${merchant} ORDER BY generation`;
  return rows;
};

const sumOf = async (merchant: string, generation: number) => {
  const [row] = await sql`
    SELECT sum(visits)::int AS visits, sum(events)::int AS events, sum(gross)::float8 AS gross
    FROM hourly_rollups WHERE merchant = ${merchant} AND generation = ${generation}`;
  return row;
};

test("a day is sealed: its chunks are one file in the order of the log, its hours proven, its day written", async () => {
  const world = new World("m_sealsealed");
  await world.live(dayEvents(world.merchant));
  const { deliver, shards } = worldOf(bindings);
  expect(await deliver("seal", [world.message()])).toEqual({ acked: [0], retried: [] });
  expect(shards.confirmed.get("m_sealsealed/0")).toEqual([{ kind: "seal", date: DATE, seq: world.seq }]);
  expect(await rawKeys("m_sealsealed")).toEqual([`s00-${String(world.seq).padStart(12, "0")}.parquet`]);
  expect(await rawEvents("m_sealsealed", world.seq)).toEqual(world.events);
  const book = await bookOf("m_sealsealed");
  expect(book).toMatchObject({ generation: 0, sealed: true, sealed_seq: world.seq, proven: true, difference: null });
  expect(book["proof"]).toMatch(/^[0-9a-f]{64}$/);
  expect(balanced(book)).toBe(true);
  expect(book.accepted).toBe(world.events.length);
  const [daily] = await dailyOf("m_sealsealed");
  expect(daily).toMatchObject({ generation: 0, ...(await sumOf("m_sealsealed", 0)) });
});

test("a number that differs from what was counted: not proven, and the day book says where; nothing is removed", async () => {
  const world = new World("m_sealaltered");
  await world.live(dayEvents(world.merchant));
  const chunks = await rawKeys("m_sealaltered");
  const hourMs = DAY.startMs + 12 * 3_600_000;
  const where = `merchant = 'm_sealaltered' AND hour = to_timestamp(${hourMs / 1000})`;
  const [before] = await sql.query(`SELECT page FROM hourly_rollups WHERE ${where}`);
  const page = (before as { page: { v: string[]; pageviews: number[] } }).page;
  const at = page.pageviews.findIndex((n) => n > 0);
  const altered = { ...page, pageviews: page.pageviews.with(at, page.pageviews[at]! + 1) };
  await sql.query(`UPDATE hourly_rollups SET page = $1::json WHERE ${where}`, [JSON.stringify(altered)]);

  const { deliver, shards } = worldOf(bindings);
  expect(await deliver("seal", [world.message()])).toEqual({ acked: [0], retried: [] });
  expect(shards.calls.size).toBe(0);
  expect(await bookOf("m_sealaltered")).toMatchObject({
    generation: 0,
    sealed: false,
    sealed_seq: null,
    proven: false,
    difference: {
      hour: hourMs,
      dimension: "page",
      value: page.v[at],
      measure: "pageviews",
      before: page.pageviews[at]! + 1,
      after: page.pageviews[at],
      count: 1,
    },
  });
  expect(await rawKeys("m_sealaltered")).toEqual(expect.arrayContaining(chunks));
  expect(await dailyOf("m_sealaltered")).toEqual([]);

  await world.publish();
  await deliver("seal", [world.message()]);
  expect(await bookOf("m_sealaltered")).toMatchObject({ sealed: true, proven: true, difference: null });
  expect(await rawKeys("m_sealaltered")).toHaveLength(1);
});

test("an hour that Postgres lost, or that nobody counted, is a difference", async () => {
  const world = new World("m_sealhours");
  await world.live(dayEvents(world.merchant));
  const first = Math.min(...world.state.hours.keys());
  await sql`UPDATE hourly_rollups SET hour = to_timestamp(${DAY.hours.at(-1)! / 1000})
    WHERE merchant = 'm_sealhours' AND hour = to_timestamp(${first / 1000}) AND NOT EXISTS (
      SELECT FROM hourly_rollups WHERE merchant = 'm_sealhours' AND hour = to_timestamp(${DAY.hours.at(-1)! / 1000}))`;
  await sql`DELETE FROM hourly_rollups WHERE merchant = 'm_sealhours' AND hour = to_timestamp(${first / 1000})`;
  await worldOf(bindings).deliver("seal", [world.message()]);
  const difference = { hour: first, dimension: "total", value: "", measure: "visits", before: null };
  expect(await bookOf("m_sealhours")).toMatchObject({ proven: false, difference });
});

test("events that the books have and R2 lacks are a difference, also when nothing of them is counted", async () => {
  const world = new World("m_seallost");
  const events = dayEvents(world.merchant);
  const bot: Event = { ...events[0]!, id: "bot", user_agent: "Googlebot/2.1" };
  await world.live([...events, bot].slice(-CHUNK_EVENTS));
  await putChunk("m_seallost", world.seq - CHUNK_EVENTS + 1, world.seq, world.events.slice(0, -1));
  await worldOf(bindings).deliver("seal", [world.message()]);
  const [bots] = [world.books.verdicts["bot"]!];
  expect(await bookOf("m_seallost")).toMatchObject({
    proven: false,
    difference: { value: "books: bot", before: bots, after: bots - 1 },
  });
});

/** Late events: ids and an hour of their own. */
const lateEvents = (merchant: Merchant): Event[] =>
  dayEvents(merchant, 9).map((event) => ({ ...event, id: `late-${event.id}`, received_at: DAY.endMs + 7_200_000 }));

test("late events make a new generation, which all of the day is counted in; only the rest stays late", async () => {
  const world = new World("m_seallate");
  await world.live(dayEvents(world.merchant));
  const { deliver, shards } = worldOf(bindings);
  await deliver("seal", [world.message()]);
  const live = await sumOf("m_seallate", 0);
  const sealed = await bookOf("m_seallate");

  const late = lateEvents(world.merchant);
  await world.late(late.slice(0, -5));
  const seq = world.seq;
  await world.late(late.slice(-5));
  expect(await bookOf("m_seallate")).toMatchObject({
    verdicts: { ...sealed.verdicts, late: late.length },
    stale_seq: world.seq,
  });
  expect(await deliver("seal", [world.message(seq)])).toEqual({ acked: [0], retried: [] });
  expect(shards.confirmed.get("m_seallate/0")!.at(-1)).toEqual({ kind: "seal", date: DATE, seq });

  const counted = new DayState(DAY, world.merchant, () => null);
  for (const event of world.events.slice(0, -5)) foldEvent(counted, event, 1);
  const book = await bookOf("m_seallate");
  expect(book).toMatchObject({
    sealed_seq: seq,
    proven: true,
    accepted: world.events.length,
    verdicts: { ...counted.books.verdicts, late: 5 },
    stale_seq: world.seq,
  });
  expect(balanced(book)).toBe(true);
  const generation = Number(book["generation"]);
  expect(generation).toBeGreaterThan(0);
  expect(await sumOf("m_seallate", 0)).toEqual(live);
  expect((await dailyOf("m_seallate")).map((row) => row["generation"])).toEqual([0, generation]);
  expect((await dailyOf("m_seallate"))[1]).toMatchObject({ ...(await sumOf("m_seallate", generation)) });
  expect(await rawEvents("m_seallate", seq)).toEqual(world.events.slice(0, -5));
  expect(await rawKeys("m_seallate")).toHaveLength(2);

  await deliver("seal", [world.message()]);
  expect(await rawEvents("m_seallate", world.seq)).toEqual(world.events);
  expect(await rawKeys("m_seallate")).toHaveLength(1);
  // Of the countings there are the live one and the one that readers see.
  const present = Number((await bookOf("m_seallate"))["generation"]);
  expect(present).toBeGreaterThan(generation);
  expect(await derivedGenerations("m_seallate")).toEqual([0, present]);
  expect((await dailyOf("m_seallate")).map((row) => row["generation"])).toEqual([0, present]);
  expect(await sumOf("m_seallate", generation)).toEqual({ visits: null, events: null, gross: null });
  for (const event of world.events.slice(-5)) foldEvent(counted, event, 1);
  // What the object says of the day later does not undo what was counted.
  world.books.received++;
  world.books.duplicate++;
  world.seq++;
  await world.late([]);
  const last = await bookOf("m_seallate");
  expect(last).toMatchObject({ verdicts: counted.books.verdicts, duplicate: 1, stale_seq: null });
  expect(last.verdicts).not.toHaveProperty("late");
  expect(balanced(last)).toBe(true);
});

test("late events before the first seal do not keep the live count from being proven", async () => {
  const world = new World("m_sealearly");
  await world.live(dayEvents(world.merchant));
  const live = world.events.length;
  // A segment that was open when the day closed: another day's commit, the close, then late events.
  const closedSeq = world.seq + 2;
  const late = lateEvents(world.merchant).slice(0, 10);
  world.seq = closedSeq;
  await world.late(late);
  await bindings.ARCHIVE.delete(
    chunkKey({ merchant: "m_sealearly", date: DATE, shard: 0, from: closedSeq + 1, to: world.seq }),
  );
  await putChunk("m_sealearly", closedSeq - 1, world.seq + 4, late);
  const { deliver, shards } = worldOf(bindings);
  await deliver("seal", [world.message(world.seq, closedSeq)]);
  expect(await bookOf("m_sealearly")).toMatchObject({
    generation: 0,
    sealed_seq: closedSeq,
    proven: true,
    verdicts: { late: 10 },
  });
  expect(await rawEvents("m_sealearly", closedSeq)).toHaveLength(live);
  await deliver("seal", [world.message(world.seq, closedSeq)]);
  expect(await rawEvents("m_sealearly", world.seq)).toEqual(world.events);
  expect(await rawKeys("m_sealearly")).toHaveLength(1);
  expect((await bookOf("m_sealearly")).verdicts).not.toHaveProperty("late");
  expect(shards.confirmed.get("m_sealearly/0")).toMatchObject([{ seq: closedSeq }, { seq: world.seq }]);
});

/** R2 and Postgres, of whose calls the one at `failing` fails: before it has done anything, or after it has done all. */
class Breaking {
  calls = 0;
  readonly env: Bindings;
  readonly #failing: number;
  readonly #after: boolean;

  constructor(failing: number, after: boolean) {
    this.#failing = failing;
    this.#after = after;
    const ARCHIVE = new Proxy(bindings.ARCHIVE, {
      get: (bucket, name: keyof R2Bucket) => {
        const method = bucket[name] as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => this.#call(() => method.apply(bucket, args));
      },
    });
    this.env = { ...bindings, ARCHIVE };
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    const real = globalThis.fetch;
    globalThis.fetch = (...args: Parameters<typeof fetch>) => this.#call(() => real(...args));
    try {
      return await work();
    } finally {
      globalThis.fetch = real;
    }
  }

  async #call<Value>(work: () => Promise<Value>): Promise<Value> {
    const breaks = ++this.calls === this.#failing;
    if (breaks && !this.#after) throw new Error("broken");
    const value = await work();
    if (breaks) throw new Error("broken");
    return value;
  }
}

/** Seals again and again, broken off at the next call each time, until nothing is left to break. */
const sealBrokenOff = async (message: SealMessage, after: boolean): Promise<number> => {
  for (let failing = 1; ; failing++) {
    const breaking = new Breaking(failing, after);
    const outcome = await breaking.run(() => sealDay(breaking.env, message)).catch((error: unknown) => error);
    if (breaking.calls < failing) {
      expect(outcome).toEqual({ kind: "sealed", seq: message.seq });
      return failing - 1;
    }
    expect(outcome).toBeInstanceOf(Error);
  }
};

test.each([false, true])(
  "broken off at any call to R2 or Postgres (done: %s) and repeated, it ends the same",
  async (after) => {
    const [broken, whole] = [new World(`m_sealbroken${Number(after)}`), new World(`m_sealwhole${Number(after)}`)];
    const [first, second] = [broken.merchant.id, whole.merchant.id] as [string, string];
    const hours = (merchant: string, generation: unknown) => sql`
    SELECT to_jsonb(r) - 'merchant' - 'generation' AS row FROM hourly_rollups r
    WHERE merchant = ${merchant} AND generation = ${generation} ORDER BY hour`;
    for (const part of ["live", "late"] as const) {
      for (const world of [broken, whole])
        await (part === "live" ? world.live(dayEvents(world.merchant)) : world.late(lateEvents(world.merchant)));
      expect(await sealBrokenOff(broken.message(), after)).toBeGreaterThan(10);
      await sealDay(bindings, whole.message());
      const [one, other] = [await bookOf(first), await bookOf(second)];
      // A generation is a number of its own, and the proof is of this merchant.
      expect({ ...one, generation: 0, proof: "" }).toEqual({ ...other, generation: 0, proof: "" });
      expect(one["proven"]).toBe(true);
      expect(await hours(first, one["generation"])).toEqual(await hours(second, other["generation"]));
      expect((await dailyOf(first)).at(-1)).toEqual({
        ...(await dailyOf(second)).at(-1),
        generation: one["generation"],
      });
      expect(await rawKeys(first)).toEqual(await rawKeys(second));
      expect((await derivedGenerations(first)).length).toBe(part === "live" ? 1 : 2);
      expect(await rawEvents(first, broken.seq)).toEqual(broken.events);
    }
  },
);

test("two seals of a day at once: it is sealed once, and no event is lost", async () => {
  const world = new World("m_sealtwice");
  await world.live(dayEvents(world.merchant));
  const { deliver } = worldOf(bindings);
  await Promise.all([1, 2, 3].map(() => deliver("seal", [world.message()])));
  expect((await deliver("seal", [world.message()])).acked).toEqual([0]);
  expect(await rawEvents("m_sealtwice", world.seq)).toEqual(world.events);
  expect(await dailyOf("m_sealtwice")).toHaveLength(1);
});

test("what cannot be read is buried with the name of the file, and stays", async () => {
  const world = new World("m_sealunread");
  await world.live(dayEvents(world.merchant));
  const key = chunkKey({ merchant: "m_sealunread", date: DATE, shard: 0, from: 1, to: CHUNK_EVENTS });
  const lines = world.events.slice(0, CHUNK_EVENTS).map((event) => JSON.stringify(event));
  const { dead, deliver } = worldOf(bindings);
  const poison: [string, RegExp][] = [
    [lines.with(4, '{"id":').join("\n"), /line 5: not JSON/],
    [lines.slice(1).join("\n"), /has 96 lines instead of 97/],
    [
      lines.with(0, JSON.stringify({ ...world.events[0], occurred_at: DAY.endMs })).join("\n"),
      /event 1: not an event of/,
    ],
  ];
  for (const [text] of poison) {
    const customMetadata = { events: String(CHUNK_EVENTS) };
    await bindings.ARCHIVE.put(key, await gzip(text), { customMetadata });
    expect(await deliver("seal", [world.message()])).toEqual({ acked: [0], retried: [] });
  }
  // The object asks again; one letter is enough.
  expect(await deliver("seal", [world.message()])).toEqual({ acked: [0], retried: [] });
  expect(dead.sent).toHaveLength(poison.length);
  const unreadable = expect.stringContaining(key);
  expect(await bookOf("m_sealunread")).toMatchObject({ proven: false, sealed: false, difference: { unreadable } });
  for (const [at, [, reason]] of poison.entries()) {
    const { queue, reason: given } = dead.sent[at] as { queue: string; reason: string };
    expect(queue).toBe("seal");
    expect(given).toContain(key);
    expect(given).toMatch(reason);
  }
  expect(await rawKeys("m_sealunread")).toContain(key.slice(rawPrefix("m_sealunread", DATE).length));
  expect(await deliver("seal", [{ ...world.message(), date: "yesterday" }])).toEqual({ acked: [0], retried: [] });
  expect(dead.sent.at(-1)).toMatchObject({ reason: expect.stringMatching(/date/) });
});

test("Postgres forgot the seal: the sealed file is not replaced by what chunks are left", async () => {
  const world = new World("m_sealforgot");
  await world.live(dayEvents(world.merchant));
  await sealDay(bindings, world.message());
  await sql`UPDATE day_book SET sealed_seq = NULL, sealed_at = NULL WHERE merchant = 'm_sealforgot'`;
  const { dead, deliver } = worldOf(bindings);
  await deliver("seal", [world.message()]);
  expect(dead.sent).toMatchObject([{ reason: expect.stringMatching(/Postgres has lost its seal/) }]);
  expect(await rawEvents("m_sealforgot", world.seq)).toEqual(world.events);
});

test("a day with books and no event is sealed too", async () => {
  const world = new World("m_sealnothing");
  world.seq = 3;
  await world.live([]);
  expect(await sealDay(bindings, world.message())).toEqual({ kind: "sealed", seq: 3 });
  expect(await bookOf("m_sealnothing")).toMatchObject({ sealed_seq: 3, proven: true, verdicts: {} });
  await world.late(lateEvents(world.merchant));
  expect(await sealDay(bindings, world.message())).toEqual({ kind: "sealed", seq: world.seq });
  expect(await rawEvents("m_sealnothing", world.seq)).toEqual(world.events);
});

test("a counting that a replay stands on outlives the next seal", async () => {
  const world = new World("m_sealreplayed");
  await world.live(dayEvents(world.merchant));
  await sealDay(bindings, world.message());
  const late = lateEvents(world.merchant);
  await world.late(late.slice(0, 5));
  await sealDay(bindings, world.message());
  const former = Number((await bookOf("m_sealreplayed"))["generation"]);
  const [run] = await sql`INSERT INTO replay_runs (who, why, date_from, date_to, rules, processing, preview, state)
    VALUES ('ops', 'a test', ${DATE}, ${DATE}, '{"extraBots":[]}', ${JSON.stringify(processing())}::json, false, 'applied')
    RETURNING id`;
  await sql`INSERT INTO replay_units (run, merchant, date, shard, state, base_generation)
    VALUES (${(run as { id: string }).id}, 'm_sealreplayed', ${DATE}, 0, 'done', ${former})`;
  await world.late(late.slice(5));
  await sealDay(bindings, world.message());
  const present = Number((await bookOf("m_sealreplayed"))["generation"]);
  expect(await derivedGenerations("m_sealreplayed")).toEqual([0, former, present]);
  expect((await sumOf("m_sealreplayed", former))!["events"]).toBeGreaterThan(0);
});
