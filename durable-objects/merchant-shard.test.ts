import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { shardName } from "../core/address.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { AppendBatch, MerchantShardApi } from "../core/messages.ts";
import { addDays, dayAt, dayOf } from "../core/zone.ts";
import type { ObjectBindings } from "./bindings.ts";

const bindings = env as unknown as ObjectBindings;

const ZONE = "Asia/Kathmandu";
/** Objects have the real clock, and close what is over. */
const TODAY = dayAt(ZONE, Date.now()).date;
const [YESTERDAY, TOMORROW] = [addDays(TODAY, -1), addDays(TODAY, 1)];
/** 13:45, whatever time it is. */
const T0 = dayOf(ZONE, TODAY).startMs + 13.75 * 3_600_000;

const merchantOf = (id: string, shards = 1): Merchant => ({
  id,
  name: id,
  zone: ZONE,
  currency: "EUR",
  domains: ["shop.example"],
  shards,
});

const shard = (id: string, index = 0) => bindings.MERCHANT_SHARD.getByName(shardName(id, index));
const api = (id: string, index = 0) => shard(id, index) as unknown as MerchantShardApi;

const eventOf = (id: string, more: Partial<Event> = {}): Event => ({
  id,
  name: "pageview",
  occurred_at: T0,
  received_at: T0,
  visitor: "00000000000000aa",
  url: "https://shop.example/",
  ...more,
});

const batchOf = (merchant: Merchant, events: Event[], shardIndex = 0): AppendBatch => ({
  merchant,
  shard: shardIndex,
  lines: events.map((event) => JSON.stringify(event)),
  rejected: {},
  receivedAtMs: T0,
});

const everything = { fromMs: 0, toMs: T0 * 2, dimensions: [], minutes: true, sketches: false, all: true };

test("an event counts once, whether it comes again at once, later or after an eviction", async () => {
  const merchant = merchantOf("m_once");
  expect(await api("m_once").append(batchOf(merchant, [eventOf("a"), eventOf("b"), eventOf("a")]))).toBe("aad");
  expect(await api("m_once").append(batchOf(merchant, [eventOf("b"), eventOf("c")]))).toBe("da");
  await evictDurableObject(shard("m_once"));
  expect(await api("m_once").append(batchOf(merchant, [eventOf("c"), eventOf("d")]))).toBe("da");
  const { hours } = await api("m_once").hours(everything);
  expect(hours).toHaveLength(1);
  expect(hours[0]!.totals).toMatchObject({ visits: 1, pageviews: 4, events: 4 });
  const { days } = await api("m_once").status();
  expect(days[0]!.books).toEqual({ received: 7, accepted: 4, duplicate: 3, rejected: {}, verdicts: { counted: 4 } });
});

test("state after an eviction equals state without, before and after a flush", async () => {
  const merchant = merchantOf("m_evict");
  const events = Array.from({ length: 200 }, (_, i) =>
    eventOf(`e${i}`, {
      visitor: (i % 17).toString(16).padStart(16, "0"),
      occurred_at: T0 + i * 90_000,
      received_at: T0 + i * 90_000,
      url: `https://shop.example/p/${i % 7}`,
    }),
  );
  for (let i = 0; i < events.length; i += 50) {
    await api("m_evict").append(batchOf(merchant, events.slice(i, i + 50)));
    const before = await api("m_evict").hours(everything);
    await evictDurableObject(shard("m_evict"));
    const after = await api("m_evict").hours(everything);
    expect({ ...after, asOfMs: 0 }).toEqual({ ...before, asOfMs: 0 });
    await api("m_evict").flush();
  }
  const { hours } = await api("m_evict").hours(everything);
  expect(hours.reduce((sum, hour) => sum + hour.totals.pageviews, 0)).toBe(200);
});

test("an alarm is set by the first event and publishes", async () => {
  const merchant = merchantOf("m_alarm");
  await api("m_alarm").append(batchOf(merchant, [eventOf("a")]));
  expect((await api("m_alarm").status()).nextAlarmMs).not.toBeNull();
  expect(await runDurableObjectAlarm(shard("m_alarm"))).toBe(true);
});

test("what R2 has confirmed is not sent again by an object that has slept", async () => {
  const merchant = merchantOf("m_archived");
  await api("m_archived").append(batchOf(merchant, [eventOf("a"), eventOf("b")]));
  await api("m_archived").flush();
  await api("m_archived").confirm([{ kind: "chunk", date: TODAY, from: 1, to: 1 }]);
  await evictDurableObject(shard("m_archived"));
  expect((await api("m_archived").status()).unarchivedEvents).toBe(0);
  expect(await api("m_archived").append(batchOf(merchant, [eventOf("b"), eventOf("c")]))).toBe("da");
});

test("a day that is over closes when it is settled; what comes later is late and kept", async () => {
  const merchant = merchantOf("m_closing");
  const yesterday = T0 - 86_400_000;
  const old = (id: string) => eventOf(id, { occurred_at: yesterday, received_at: T0 });
  await api("m_closing").append(batchOf(merchant, [old("a"), old("b"), eventOf("today")]));
  const { days } = await api("m_closing").seal();
  const [open] = days.filter(({ state }) => state === "open");
  expect(open).toBeDefined();
  const closed = async () =>
    (await api("m_closing").status()).days.find(({ date, state }) => date === YESTERDAY && state !== "open");
  await expect.poll(closed, { timeout: 20_000 }).toBeDefined();
  await evictDurableObject(shard("m_closing"));
  expect(await api("m_closing").append(batchOf(merchant, [old("c"), old("a"), eventOf("now")]))).toBe("lda");
  expect((await closed())!.books).toEqual({
    received: 4,
    accepted: 3,
    duplicate: 1,
    rejected: {},
    verdicts: { counted: 2, late: 1 },
  });
  const { hours } = await api("m_closing").hours(everything);
  expect(hours.map(({ date }) => date)).toEqual([TODAY]);
});

test("a chunk that no queue message holds goes to R2 all the same", async () => {
  const merchant = merchantOf("m_large");
  const noise = () => [...crypto.getRandomValues(new Uint8Array(300))].map((byte) => byte.toString(36)).join("");
  const events = Array.from({ length: 400 }, (_, i) =>
    eventOf(`e${i}`, { props: { a: noise(), b: noise(), c: noise() } }),
  );
  await api("m_large").append(batchOf(merchant, events));
  expect((await api("m_large").flush()).unarchivedEvents).toBe(0);
  const { objects } = await bindings.ARCHIVE.list({ prefix: "raw/merchant=m_large/" });
  expect(objects.map(({ size }) => size > 128_000)).toEqual([true]);
});

test("with shards, one shard keeps an order and every other asks it", async () => {
  const merchant = merchantOf("m_orders", 2);
  const purchase = (id: string) => eventOf(id, { name: "purchase", transaction_id: "T1", value: 10 });
  const receipts = await Promise.all([
    api("m_orders", 0).append(batchOf(merchant, [purchase("browser")], 0)),
    api("m_orders", 1).append(batchOf(merchant, [purchase("server")], 1)),
  ]);
  expect(receipts.toSorted()).toEqual(["a", "o"]);
  expect(
    await api("m_orders", receipts[0] === "a" ? 1 : 0).append(
      batchOf(merchant, [purchase(receipts[0] === "a" ? "browser" : "server")], receipts[0] === "a" ? 1 : 0),
    ),
  ).toBe("o");
  const again = await Promise.all([
    api("m_orders", 0).append(batchOf(merchant, [purchase("browser")], 0)),
    api("m_orders", 1).append(batchOf(merchant, [purchase("server")], 1)),
  ]);
  expect(again.toSorted()).toEqual(["d", "o"]);
});

const acceptedBy = async (id: string, shards: number): Promise<number[]> => {
  const all = await Promise.all(Array.from({ length: shards }, (_, index) => api(id, index).status()));
  return all.map(({ days }) => days.reduce((sum, { books }) => sum + books.accepted, 0));
};

test("with shards, an event that is sent again to another shard is a duplicate there, before and after both have slept", async () => {
  const merchant = merchantOf("m_sentAgain", 3);
  const append = (index: number, ids: string[], again?: number) =>
    api("m_sentAgain", index).append({
      ...batchOf(
        merchant,
        ids.map((id) => eventOf(id)),
        index,
      ),
      ...(again === undefined ? {} : { again }),
    });
  expect(await append(0, ["a", "b"])).toBe("aa");
  expect(await append(1, ["a", "b", "c"], 2)).toBe("dda");
  // What it did not have, and was never sent, it has given up; the first attempt may still come.
  expect(await append(2, ["d"], 1)).toBe("a");
  for (const index of [0, 1, 2]) await evictDurableObject(shard("m_sentAgain", index));
  expect(await append(0, ["d", "e"])).toBe("da");
  expect(await append(1, ["d", "e"])).toBe("da");
  for (const index of [0, 1, 2]) await api("m_sentAgain", index).flush();
  for (const index of [0, 1, 2]) await evictDurableObject(shard("m_sentAgain", index));
  expect(await append(1, ["d", "a"], 2)).toBe("dd");
  expect(await acceptedBy("m_sentAgain", 3)).toEqual([3, 2, 1]);
});

test("shards that get the same events at once, again and for the first time, count each once", async () => {
  const merchant = merchantOf("m_sentAtOnce", 4);
  const ids = Array.from({ length: 20 }, (_, n) => `e${n}`);
  const append = (index: number, again: number) =>
    api("m_sentAtOnce", index).append({
      ...batchOf(
        merchant,
        ids.map((id) => eventOf(id)),
        index,
      ),
      again,
    });
  // One that nobody could decide goes to the overflow queue, and comes again from there.
  const insist = async (index: number, again: number): Promise<string> => {
    for (;;) {
      try {
        return await append(index, again);
      } catch (error) {
        expect(String(error)).toContain("overloaded");
      }
    }
  };
  const letters = await Promise.all([insist(0, 0), insist(1, 20), insist(2, 20), insist(3, 20), insist(1, 20)]);
  const accepted = ids.map((_, n) => letters.filter((of) => of[n] === "a").length);
  expect(accepted).toEqual(ids.map(() => 1));
  expect([...new Set(letters.join(""))].toSorted()).toEqual(["a", "d"]);
  expect((await acceptedBy("m_sentAtOnce", 4)).reduce((sum, n) => sum + n, 0)).toBe(20);
});

test("first attempts ask no other shard, and what comes again to where it was does not either", async () => {
  for (const shards of [1, 2]) {
    const id = `m_alone_${shards}`;
    const batch = batchOf(merchantOf(id, shards), [eventOf("a"), eventOf("b")]);
    expect(await api(id).append(batch)).toBe("aa");
    expect(await api(id).append({ ...batch, again: 2 })).toBe("dd");
    expect((await api(id, 1).status()).seq).toBe(0);
  }
  const one = batchOf(merchantOf("m_alone_1"), [eventOf("c")]);
  expect(await api("m_alone_1").append({ ...one, again: 1 })).toBe("a");
  expect((await api("m_alone_1", 1).status()).seq).toBe(0);
});

test("an order that was counted before the merchant got more shards is known after it", async () => {
  const before = merchantOf("m_raised", 1);
  const spread = [
    { from: "0001-01-01", shards: 1 },
    { from: TODAY, shards: 3 },
  ];
  const after = { ...before, shards: 3, spread };
  const purchase = (id: string, order: string) => eventOf(id, { name: "purchase", transaction_id: order, value: 10 });
  const orders = Array.from({ length: 12 }, (_, n) => `T${n}`);
  await api("m_raised").append(
    batchOf(
      before,
      orders.map((order) => purchase(`tag ${order}`, order)),
    ),
  );
  for (const index of [0, 1, 2]) {
    const webhooks = orders.map((order) => purchase(`webhook ${index} ${order}`, order));
    expect(await api("m_raised", index).append(batchOf(after, webhooks, index))).toBe("o".repeat(12));
  }
  const fresh = orders.map((order) => purchase(`new ${order}`, `new ${order}`));
  expect(await api("m_raised", 0).append(batchOf(after, fresh, 0))).toBe("a".repeat(12));
  expect(await api("m_raised", 0).append(batchOf(after, fresh, 0))).toBe("d".repeat(12));
  expect(
    await api("m_raised", 1).append(
      batchOf(
        after,
        orders.map((order) => purchase(`late ${order}`, `new ${order}`)),
        1,
      ),
    ),
  ).toBe("o".repeat(12));
});

test("an open day is told as of one sequence: what R2 may not have of its events, and the hours that go on changing", async () => {
  const merchant = merchantOf("m_openday");
  const early = Array.from({ length: 3 }, (_, i) => eventOf(`early${i}`, { occurred_at: T0 - 7_200_000 }));
  await api("m_openday").append(batchOf(merchant, early));
  await api("m_openday").append(
    batchOf(merchant, [eventOf("now"), eventOf("other", { occurred_at: T0 + 86_400_000 })]),
  );
  expect(await api("m_openday").openDay(addDays(TODAY, -23))).toBeNull();
  const day = (await api("m_openday").openDay(TODAY))!;
  expect(day).toMatchObject({ merchant: { id: "m_openday" }, seq: 2, accepted: 4 });
  const ids = day.segments.flatMap(({ lines }) => lines.split("\n").map((line) => (JSON.parse(line) as Event).id));
  expect(ids).toEqual(["early0", "early1", "early2", "now"]);
  // 13:00 in Kathmandu; nobody of two hours before is there any more.
  expect(day.hours.map(({ hour, totals }) => [hour, totals.events])).toEqual([[T0 - 45 * 60_000, 1]]);
});

test("the hours that it holds are told by their sequences: another text with each counted event, the same in between", async () => {
  const merchant = merchantOf("m_held");
  const held = () => api("m_held").heldHours(T0 - 3_600_000, T0 + 7_200_000);
  expect(await held()).toBe("");
  await api("m_held").append(batchOf(merchant, [eventOf("a")]));
  const first = await held();
  expect(first).toMatch(/^\d+:\d+$/);
  await api("m_held").append(batchOf(merchant, [eventOf("a")]));
  expect(await held()).toBe(first);
  await api("m_held").flush();
  await evictDurableObject(shard("m_held"));
  expect(await held()).toBe(first);
  const later = { occurred_at: T0 + 3_600_000, visitor: "00000000000000bb" };
  await api("m_held").append(batchOf(merchant, [eventOf("b", later)]));
  expect((await held()).split(" ")).toEqual([first, expect.stringMatching(/^\d+:\d+$/)]);
  expect(await api("m_held").heldHours(T0 + 7_200_000, T0 + 9_000_000)).toBe("");
});

test("what Postgres had confirmed and lost is published again", async () => {
  const merchant = merchantOf("m_republish");
  await api("m_republish").append(batchOf(merchant, [eventOf("a")]));
  await api("m_republish").flush();
  await expect.poll(async () => (await api("m_republish").status()).unpublishedHours, { timeout: 20_000 }).toBe(0);
  const status = await api("m_republish").republish();
  expect(status).toMatchObject({ unpublishedHours: 1, unpublishedBooks: 1 });
  await expect.poll(async () => (await api("m_republish").status()).unpublishedHours, { timeout: 20_000 }).toBe(0);
});

test("unsealed days are told with what R2 may not have of them; a closed one up to its closing", async () => {
  const merchant = merchantOf("m_unsealed");
  await api("m_unsealed").append(
    batchOf(merchant, [eventOf("past", { occurred_at: T0 - 86_400_000 }), eventOf("a"), eventOf("b")]),
  );
  const linesOf = ({ segments }: { segments: { lines: string }[] }): string[] =>
    segments.flatMap(({ lines }) =>
      lines === "" ? [] : lines.split("\n").map((line) => (JSON.parse(line) as Event).id),
    );
  const { days, seq } = await api("m_unsealed").unsealedDays(YESTERDAY, TODAY);
  expect(seq).toBe(1);
  expect(days.map((day) => [day.date, day.accepted, day.closedSeq, linesOf(day)])).toEqual([
    [YESTERDAY, 1, null, ["past"]],
    [TODAY, 2, null, ["a", "b"]],
  ]);
  expect((await api("m_unsealed").unsealedDays(TOMORROW, addDays(TODAY, 6))).days).toEqual([]);
  await api("m_unsealed").flush();
  // Once R2 has all of it, nothing is sent that is there.
  await expect
    .poll(
      async () => {
        const [day] = (await api("m_unsealed").unsealedDays(TODAY, TODAY)).days;
        return day === undefined ? null : linesOf(day);
      },
      { timeout: 20_000 },
    )
    .toEqual([]);
});
