import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BooksMessage, RollupMessage } from "../core/messages.ts";
import { database } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { booksMessage, gzip, HOUR_MS, rollupMessage, rollupOf, worldOf } from "./doubles.ts";

const bindings = env as unknown as Bindings;

const bed = (over: Partial<Bindings> = {}) => {
  const { deliver, ...world } = worldOf(bindings, over);
  return { ...world, deliver: (bodies: readonly unknown[], attempts?: number) => deliver("rollups", bodies, attempts) };
};

/** All of a merchant's rows, as the database prints them. */
const rowsOf = (merchant: string) => database(bindings)`
  SELECT to_jsonb(r) AS row FROM hourly_rollups r WHERE merchant = ${merchant} ORDER BY hour, shard`;

const one = async (merchant: string) => (await rowsOf(merchant))[0]?.["row"];

test("an hour becomes a row, whole, and its object is told", async () => {
  const { shards, deliver } = bed();
  const result = await deliver([await rollupMessage(rollupOf("m_whole", 7))]);
  expect(result.acked).toEqual([0]);
  expect(shards.confirmed.get("m_whole/0")).toEqual([{ kind: "rollup", hour: HOUR_MS, seq: 7, part: 0, parts: 1 }]);
  expect(await one("m_whole")).toMatchObject({
    date: "2026-11-24",
    hour: "2026-11-24T09:00:00+00:00",
    seq: 7,
    currency: "EUR",
    visits: 700,
    checkouts: 711,
    foreign_orders: 7,
    anonymous: "\\x118b7f",
    identified: null,
    minutes: { v: [0, 59], visits: [7, 7] },
    page: { v: ["/a", "/b"], visitors: [1, 7], visits: [7, 8], gross: [-7, 10 ** 12 + 7] },
    city: null,
    sketches: { page: { anonymous: ["118b7f", null] }, channel: { anonymous: ["118b7f", null] } },
  });
});

test("an old sequence after a new one changes nothing, and neither does the same twice", async () => {
  const { deliver } = bed();
  await deliver([await rollupMessage(rollupOf("m_old", 9, ["page"])), booksMessage("m_old", 9)]);
  const row = await one("m_old");
  expect(row).toMatchObject({ seq: 9, channel: null });
  await deliver([await rollupMessage(rollupOf("m_old", 8, ["page", "channel"])), booksMessage("m_old", 8)]);
  expect(await one("m_old")).toEqual(row);
  await deliver([await rollupMessage(rollupOf("m_old", 9, ["page"])), booksMessage("m_old", 9)]);
  expect(await one("m_old")).toEqual(row);
  const books = await database(
    bindings,
  )`SELECT seq::int, received::int, rejected FROM day_book WHERE merchant = 'm_old'`;
  expect(books).toEqual([{ seq: 9, received: 27, rejected: { url_missing: 9 } }]);
});

test("a newer whole hour replaces the older one, also where it has become empty", async () => {
  const { deliver } = bed();
  await deliver([await rollupMessage(rollupOf("m_emptied", 1, ["page", "city"]))]);
  await deliver([await rollupMessage(rollupOf("m_emptied", 2, ["page"]))]);
  expect(await one("m_emptied")).toMatchObject({ seq: 2, page: { visits: [2, 3] }, city: null });
});

test("parts that come apart are one row in the end, sketches too", async () => {
  const { shards, deliver } = bed();
  await deliver([await rollupMessage(rollupOf("m_parts", 1, ["page", "city", "os"]))]);
  await deliver([await rollupMessage(rollupOf("m_parts", 2, ["page", "os"]), 0, 2)]);
  expect(await one("m_parts")).toMatchObject({
    seq: 2,
    visits: 200,
    page: { visits: [2, 3] },
    city: { visits: [1, 2] },
  });
  await deliver([await rollupMessage(rollupOf("m_parts", 2, ["city"]), 1, 2)]);
  const apart = await one("m_parts");
  expect(apart).toMatchObject({ seq: 2, page: { visits: [2, 3] }, os: { visits: [2, 3] }, city: { visits: [2, 3] } });
  expect(Object.keys((apart as { sketches: object }).sketches).toSorted()).toEqual(["city", "os", "page"]);
  expect(shards.confirmed.get("m_parts/0")?.length).toBe(3);

  await deliver([
    await rollupMessage({ ...rollupOf("m_parts", 2, ["city"]), shard: 1 }, 1, 2),
    await rollupMessage({ ...rollupOf("m_parts", 2, ["page", "os"]), shard: 1 }, 0, 2),
  ]);
  const [, together] = await rowsOf("m_parts");
  expect(together?.["row"]).toEqual({ ...(apart as object), shard: 1 });
});

test("any order, any repetition, any batches: the same rows", async () => {
  const DIMENSIONS = [["page", "os"], ["city"]] as const;
  const plan = fc.record({
    /** Of each sequence of an hour: does it come in one part or two? */
    split: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    order: fc.array(fc.nat(), { minLength: 12, maxLength: 24 }),
    batch: fc.integer({ min: 1, max: 8 }),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(plan, async ({ split, order, batch }) => {
      const merchant = `m_shuffled${run++}`;
      const { shards, deliver } = bed();
      const messages: (RollupMessage | BooksMessage)[] = [];
      for (const [index, inTwo] of split.entries()) {
        const seq = index + 1;
        if (inTwo)
          for (const part of [0, 1])
            messages.push(await rollupMessage(rollupOf(merchant, seq, DIMENSIONS[part]), part, 2));
        else messages.push(await rollupMessage(rollupOf(merchant, seq, DIMENSIONS.flat())));
        messages.push(booksMessage(merchant, seq));
      }
      // A redelivery of anything at any time, and in the end everything at least once.
      const stream = [
        ...order.map((n) => messages[n % messages.length]!),
        ...messages.toSorted((a, b) => (a.seq % 3) - (b.seq % 3)),
      ];
      for (let at = 0; at < stream.length; at += batch) await deliver(stream.slice(at, at + batch));

      const highest = split.length;
      const [row] = await rowsOf(merchant);
      const { deliver: once } = bed();
      await once([await rollupMessage(rollupOf(`${merchant}x`, highest, DIMENSIONS.flat()))]);
      const [expected] = await rowsOf(`${merchant}x`);
      expect(row?.["row"]).toEqual({ ...(expected?.["row"] as object), merchant });
      const [books] = await database(
        bindings,
      )`SELECT seq::int, received::int FROM day_book WHERE merchant = ${merchant}`;
      expect(books).toEqual({ seq: highest, received: 3 * highest });
      expect(shards.confirmed.get(`${merchant}/0`)?.length).toBe(stream.length);
    }),
    { seed: 20261124, numRuns: 25 },
  );
});

test("poison is buried with its reason, and its neighbours are written and not delivered again", async () => {
  const { dead, deliver } = bed();
  const good = rollupOf("m_neighbour", 1);
  const whole = await rollupMessage(good);
  const poison: [unknown, RegExp][] = [
    [null, /expected object/],
    ["text", /expected object/],
    [{ kind: "surprise" }, /kind/],
    [{ ...whole, seq: "1" }, /^seq/],
    [{ ...whole, merchant: "m_../../x" }, /^merchant/],
    [{ ...whole, merchant: "m_someoneelse" }, /another hour/],
    [{ ...whole, part: 1 }, /part/],
    [{ ...whole, body: "gzip" }, /^body/],
    [{ ...whole, body: new Uint8Array([1, 2, 3]) }, /not gzip/],
    [{ ...whole, body: whole.body.slice(0, 40) }, /not gzip/],
    [{ ...whole, body: await gzip("{") }, /not JSON/],
    [{ ...whole, body: await gzip(" ".repeat(24_000_001)) }, /longer than/],
    [{ ...whole, body: await gzip(JSON.stringify({ ...good, date: "2026-02-30" })) }, /date/],
    [{ ...whole, body: await gzip(JSON.stringify({ ...good, currency: "euro" })) }, /currency/],
    [{ ...whole, body: await gzip(JSON.stringify({ ...good, anonymous: "abc" })) }, /anonymous/],
    [
      { ...whole, body: await gzip(JSON.stringify({ ...good, totals: { ...good.totals, gross: 0.5 } })) },
      /totals.gross/,
    ],
    [
      { ...whole, body: await gzip(JSON.stringify({ ...good, dimensions: { page: { v: ["/"], visits: [1, 2] } } })) },
      /lengths/,
    ],
    [
      { ...whole, body: await gzip(JSON.stringify({ ...good, dimensions: { page: { v: [null] } } })) },
      /page.v: not an array of values/,
    ],
    [
      { ...whole, body: await gzip(JSON.stringify({ ...good, minutes: { v: [1], visits: ["1"] } })) },
      /minutes.visits: not an array/,
    ],
    [
      { ...whole, body: await gzip(JSON.stringify({ ...good, sketches: { page: { anonymous: ["11g"] } } })) },
      /anonymous: not an array/,
    ],
    [{ ...booksMessage("m_neighbour", 1), date: "today" }, /^date/],
  ];
  const result = await deliver([...poison.map(([body]) => body), whole, booksMessage("m_neighbour", 1)]);
  expect(result.retried).toEqual([]);
  expect(result.acked.length).toBe(poison.length + 2);
  expect(await one("m_neighbour")).toMatchObject({ seq: 1 });
  expect(dead.sent.length).toBe(poison.length);
  for (const [index, [body, reason]] of poison.entries()) {
    expect(dead.sent[index]).toMatchObject({
      kind: "dead-letter",
      queue: "rollups",
      reason: expect.stringMatching(reason),
    });
    expect((dead.sent[index] as { message: unknown }).message).toBe(body);
  }
});

test("what only Postgres refuses is buried alone", async () => {
  // A number that JavaScript reads as a whole one, and Postgres does not.
  const strange = JSON.stringify(rollupOf("m_refused", 1)).replace('"visits":100,', '"visits":1e2,');
  const { dead, shards, deliver } = bed();
  const refused = { ...(await rollupMessage(rollupOf("m_refused", 1))), body: await gzip(strange) };
  const result = await deliver([
    await rollupMessage(rollupOf("m_accepted", 1)),
    refused,
    booksMessage("m_accepted", 1),
  ]);
  expect(result.acked).toEqual([0, 1, 2]);
  expect(dead.sent).toMatchObject([
    { reason: expect.stringMatching(/refused by Postgres/), message: { merchant: "m_refused" } },
  ]);
  expect([...shards.confirmed.keys()]).toEqual(["m_accepted/0"]);
  expect(await one("m_accepted")).toMatchObject({ seq: 1 });
});

test("text that Postgres cannot hold is replaced, not refused", async () => {
  const rollup = rollupOf("m_text", 1);
  rollup.dimensions.product = { v: ["a\0b", "\uD800", "\\u0000", "😀"], label: ["x", null, "\0", "é"] };
  const { dead, deliver } = bed();
  await deliver([await rollupMessage(rollup)]);
  expect(dead.sent).toEqual([]);
  expect(await one("m_text")).toMatchObject({
    product: { v: ["a\uFFFDb", "\uFFFD", "\\u0000", "😀"], label: ["x", null, "\uFFFD", "é"] },
  });
});

test("Postgres away: nothing is lost, nothing is buried, everything comes again later", async () => {
  const { dead, shards, deliver } = bed({ NEON_BRIDGE: "127.0.0.1:9" });
  const bodies = [await rollupMessage(rollupOf("m_away", 1)), booksMessage("m_away", 1)];
  const first = await deliver(bodies, 1);
  expect(first).toEqual({
    acked: [],
    retried: [
      { at: 0, delaySeconds: 2 },
      { at: 1, delaySeconds: 2 },
    ],
  });
  expect((await deliver(bodies, 20)).retried[0]).toEqual({ at: 0, delaySeconds: 300 });
  expect(dead.sent).toEqual([]);
  expect(shards.calls.size).toBe(0);
  expect((await bed().deliver(bodies, 21)).acked).toEqual([0, 1]);
  expect(await one("m_away")).toMatchObject({ seq: 1 });
});

test("an object that cannot be told gets its messages again; the rows are there, and others are not disturbed", async () => {
  const { shards, deliver } = bed();
  shards.unreachable.add("m_deaf/0");
  const bodies = [
    await rollupMessage(rollupOf("m_deaf", 1)),
    await rollupMessage(rollupOf("m_hears", 1)),
    booksMessage("m_deaf", 1),
    booksMessage("m_hears", 1),
  ];
  const result = await deliver(bodies);
  expect(result.acked).toEqual([1, 3]);
  expect(result.retried.map(({ at }) => at)).toEqual([0, 2]);
  expect(shards.calls).toEqual(
    new Map([
      ["m_deaf/0", 1],
      ["m_hears/0", 1],
    ]),
  );
  const row = await one("m_deaf");
  expect(row).toMatchObject({ seq: 1 });
  shards.unreachable.clear();
  expect((await deliver([bodies[0], bodies[2]], 2)).acked).toEqual([0, 1]);
  expect(shards.confirmed.get("m_deaf/0")?.length).toBe(2);
  expect(await one("m_deaf")).toEqual(row);
});

test("a body too large for a message is read from R2, and deleted there once its object knows", async () => {
  const { shards, deliver } = bed();
  const { body, ...message } = await rollupMessage(rollupOf("m_largeBody", 1));
  const stored = `outbox/m_largeBody/0/${HOUR_MS}-1-0`;
  await bindings.ARCHIVE.put(stored, body);
  const large = { ...message, body: new Uint8Array(), stored };
  const away = { ...bindings.ARCHIVE, get: () => Promise.reject(new Error("away")) } as unknown as R2Bucket;
  expect((await bed({ ARCHIVE: away }).deliver([large])).retried).toEqual([{ at: 0, delaySeconds: 2 }]);
  shards.unreachable.add("m_largeBody/0");
  expect((await deliver([large])).retried).toEqual([{ at: 0, delaySeconds: 2 }]);
  expect(await bindings.ARCHIVE.head(stored)).not.toBeNull();
  shards.unreachable.clear();
  expect((await deliver([large, booksMessage("m_largeBody", 1)])).acked).toEqual([0, 1]);
  expect(await one("m_largeBody")).toMatchObject({ seq: 1, page: { visits: [1, 2] } });
  expect(await bindings.ARCHIVE.head(stored)).toBeNull();
  // Redelivered after that, there is nothing left to do.
  const { dead, deliver: again } = bed();
  expect(await again([large])).toEqual({ acked: [0], retried: [] });
  expect(await again([{ ...large, stored: "raw/merchant=m_largeBody/x" }])).toEqual({ acked: [0], retried: [] });
  expect(dead.sent).toMatchObject([{ reason: expect.stringMatching(/stored elsewhere/) }]);
});

test("dates that nobody prepared are taken too", async () => {
  const { deliver } = bed();
  const hour = Date.UTC(2010, 11, 1, 8);
  await deliver([await rollupMessage(rollupOf("m_2010", 1, ["page"], hour))]);
  await deliver([await rollupMessage(rollupOf("m_2010", 2, ["page"], hour))]);
  expect(await one("m_2010")).toMatchObject({ date: "2010-12-01", seq: 2 });
});
