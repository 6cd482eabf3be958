// A merchant is deleted: after some days nothing of it is anywhere, and nothing that comes late brings anything back. With real
// objects, queues' consumers, R2, KV and Postgres.

import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { shardName, shardObject } from "../core/address.ts";
import { chunkKey } from "../core/archive.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { AppendBatch } from "../core/messages.ts";
import { letterId, letterKey } from "../core/dead-letter.ts";
import { processing } from "../core/processing.ts";
import { database } from "../migrations/database.ts";
import {
  chunkMessage,
  booksMessage,
  overflowMessage,
  eventLine,
  rollupMessage,
  rollupOf,
  worldOf,
} from "../queues/doubles.ts";
import type { Bindings } from "../queues/bindings.ts";
import { ClosedDay, eventsOf, shopOf } from "../queues/replay-doubles.ts";
import { collect, type Sender } from "./collect.ts";
import type { Env } from "./env.ts";
import { eraseMerchants, GRACE_DAYS } from "./merchant-eraser.ts";
import { findMerchant, published, readConfig } from "./merchants.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const DAY_MS = 86_400_000;
const DATE = "2026-11-18";
const SENDER: Sender = {
  ip: "192.0.2.1",
  userAgent: "Firefox",
  country: "DE",
  region: undefined,
  city: undefined,
  trusted: true,
};
const { deliver } = worldOf(bindings, { MERCHANT_SHARD: bindings.MERCHANT_SHARD });

const TABLES = [
  "hourly_rollups",
  "daily_rollups",
  "day_book",
  "replay_units",
  "erasures",
  "rules_versions",
  "tokens",
  "segments",
  "annotations",
  "links",
];

/** How many rows, keys of R2 and of KV there are of the merchant. */
async function leftOf(id: string) {
  const rows: Record<string, number> = {};
  for (const table of TABLES) {
    const [row] = await sql.query(`SELECT count(*)::int AS n FROM ${table} WHERE merchant = $1`, [id]);
    if (row!["n"] !== 0) rows[table] = row!["n"] as number;
  }
  const files: string[] = [];
  for (const { key } of (await bindings.ARCHIVE.list()).objects) {
    const isLetter = key.startsWith("dead-letters/") && (await (await bindings.ARCHIVE.get(key))!.text()).includes(id);
    if (isLetter || key.includes(`=${id}/`) || key.includes(`/${id}/`)) files.push(key);
  }
  return { rows, files, known: await bindings.MERCHANTS.get(`config:${id}`) };
}

const NOTHING = { rows: {}, files: [], known: null };

const batchOf = (merchant: Merchant, events: readonly Event[], shard: number): AppendBatch => ({
  merchant,
  shard,
  lines: events.map((event) => JSON.stringify(event)),
  rejected: {},
  receivedAtMs: Date.now(),
});

const PUBLISHED = { unarchivedEvents: 0, unpublishedHours: 0, unpublishedBooks: 0 };
const PATIENCE = { timeout: 30_000, interval: 50 };

/** A merchant of two shards with sealed days, an open one, and something of everything that can be set up. */
async function shop(name: string) {
  const id = `${name}${crypto.randomUUID().slice(0, 8)}`;
  const merchant = shopOf(id, 2);
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards)
    VALUES (${id}, ${merchant.name}, ${merchant.zone}, ${merchant.currency}, ${merchant.domains}, 2)`;
  await published(bindings, id, await readConfig(bindings, id));
  for (const shard of [0, 1]) await new ClosedDay(bindings, merchant, DATE, shard).seal(eventsOf(merchant, DATE, 3));
  const today = new Date().toISOString().slice(0, 10);
  const objects = [0, 1].map((shard) => shardObject(bindings.MERCHANT_SHARD, id, shard));
  const events = eventsOf(merchant, today, 3).map((event, n) => ({ ...event, id: `open-${n}` }));
  for (const [shard, object] of objects.entries()) {
    await object.append(batchOf(merchant, events, shard));
    // What is on its way to Postgres and R2 has come there: what there is to erase is known.
    await expect.poll(() => object.status(), PATIENCE).toMatchObject(PUBLISHED);
  }
  await sql`INSERT INTO rules_versions (merchant, version, rules, who) VALUES (${id}, 1, '{"extraBots":[]}', 'ann')`;
  await sql`INSERT INTO annotations (id, merchant, date, text, who) VALUES (${`a-${id}`}, ${id}, ${DATE}, 'a sale', 'ann')`;
  const [run] =
    await sql`INSERT INTO replay_runs (kind, who, why, merchants, date_from, date_to, rules, processing, preview)
    VALUES ('replay', 'ann', 'a try', ${[id]}::text[], ${DATE}, ${DATE}, '{"extraBots":[]}', ${JSON.stringify(processing())}::json, true) RETURNING id::float8`;
  await sql`INSERT INTO replay_units (run, merchant, date, shard) VALUES (${run!["id"]}, ${id}, ${DATE}, 0)`;
  const letter = {
    id: letterId(Date.now(), crypto.randomUUID().replaceAll("-", "")),
    queue: "overflow",
    reason: "poison",
    at: "",
    message: overflowMessage(id, eventLine("x")),
  };
  await bindings.ARCHIVE.put(letterKey(letter.id)!, JSON.stringify(letter));
  await bindings.ARCHIVE.put(`jobs/${id}/${id}-1/state.json`, "{}");
  await bindings.ARCHIVE.put(`outbox/${id}/0/1-2-0`, "{}");
  return { merchant, objects, events };
}

const deleted = (id: string, days: number) =>
  sql`UPDATE merchants SET deleted_at = ${new Date(Date.now() - days * DAY_MS).toISOString()} WHERE id = ${id}`;
const later = Date.now() + 2 * 3_600_000;

test("days after a merchant was deleted everything of it goes; the record says what there was", async () => {
  const { merchant, objects } = await shop("m_goneFirst");
  const { id } = merchant;
  const { merchant: other } = await shop("m_goneNot");
  const { rows, files, known } = await leftOf(other.id);
  await deleted(id, GRACE_DAYS - 1);
  expect(await eraseMerchants(bindings, Date.now())).toBe(0);
  expect((await leftOf(id)).files.length).toBeGreaterThan(4);
  await deleted(id, GRACE_DAYS + 1);
  // The first time everything goes; it is over when there was nothing the second time.
  expect(await eraseMerchants(bindings, Date.now())).toBe(0);
  expect(await leftOf(id)).toEqual(NOTHING);
  expect(await eraseMerchants(bindings, Date.now())).toBe(0);
  expect(await eraseMerchants(bindings, later)).toBe(1);
  expect(await eraseMerchants(bindings, later)).toBe(0);
  expect(await leftOf(id)).toEqual(NOTHING);
  expect(await sql`SELECT id FROM merchants WHERE id = ${id}`).toEqual([]);
  const [audited] = await sql`SELECT who, subject FROM audit_log WHERE merchant = ${id} AND action = 'merchant erased'`;
  expect(audited).toMatchObject({
    who: "schedule",
    subject: {
      objects: 2,
      files: expect.any(Number) as number,
      books: 4,
      days: 2,
      units: 1,
      rules: 1,
      annotations: 1,
      letters: 1,
      runs: 1,
    },
  });
  for (const object of objects)
    expect(await object.status()).toMatchObject({ seq: 0, days: [], nextAlarmMs: null, unarchivedEvents: 0 });
  // Nobody else has lost anything.
  const others = await leftOf(other.id);
  expect(others).toMatchObject({ known, files: expect.arrayContaining(files) as string[] });
  // Its open day may have been published meanwhile.
  for (const [table, n] of Object.entries(rows)) expect(others.rows[table], table).toBeGreaterThanOrEqual(n);
});

test("nothing comes back: late events, messages of every queue, before and after an object has slept", async () => {
  const { merchant, objects, events } = await shop("m_goneLate");
  const { id } = merchant;
  const sealed = new ClosedDay(bindings, merchant, DATE, 0);
  await deleted(id, GRACE_DAYS + 1);
  await eraseMerchants(bindings, Date.now());
  for (const isAsleep of [false, true]) {
    if (isAsleep) await evictDurableObject(bindings.MERCHANT_SHARD.getByName(shardName(id, 0)));
    expect(await objects[0]!.append(batchOf(merchant, events.slice(0, 3), 0))).toBe("ggg");
    expect(await objects[0]!.claimOrder(merchant, "order-1", "1:a")).toBe(false);
    const chunk = await chunkMessage(id, 900);
    expect(await deliver("events", [chunk])).toMatchObject({ acked: [0] });
    expect(await bindings.ARCHIVE.head(chunkKey(chunk))).toBeNull();
    expect(await deliver("rollups", [await rollupMessage(rollupOf(id, 9)), booksMessage(id, 9)])).toMatchObject({
      acked: [0, 1],
    });
    expect(await deliver("overflow", [overflowMessage(id, eventLine("late"))])).toMatchObject({ acked: [0] });
    expect(await deliver("seal", [sealed.message()])).toMatchObject({ acked: [0] });
    expect(await deliver("replay", [{ kind: "replay", run: 1, merchant, shard: 0, date: DATE }])).toMatchObject({
      acked: [0],
    });
    expect(await leftOf(id)).toEqual(NOTHING);
    expect(await objects[0]!.status()).toMatchObject({ seq: 0, nextAlarmMs: null });
    expect(await runDurableObjectAlarm(bindings.MERCHANT_SHARD.getByName(shardName(id, 0)))).toBe(false);
  }
  // An isolate that has not heard of it yet hears it from the object.
  await bindings.MERCHANTS.put(
    `config:${id}`,
    JSON.stringify({
      config: { merchant, organisation: null, retentionDays: null },
      freshUntilMs: Date.now() + DAY_MS,
    }),
  );
  const receipts = await collect(
    bindings,
    { merchant: id, name: "pageview", url: "https://shop.example/" },
    SENDER,
    Date.now(),
  );
  expect(receipts).toMatchObject({ ok: true, value: [{ status: "rejected", reason: "unknown_merchant" }] });
  expect(await eraseMerchants(bindings, later)).toBe(1);
  expect(await leftOf(id)).toEqual(NOTHING);
  expect(await findMerchant(bindings, id)).toBeNull();
});

test("interrupted by R2, an object or Postgres, the next night goes on", async () => {
  const { merchant } = await shop("m_goneBroken");
  const { id } = merchant;
  await deleted(id, GRACE_DAYS + 1);
  let at = 1;
  for (let isReached = true; isReached; at++) {
    isReached = false;
    let calls = 0;
    const count = () => {
      if (++calls !== at) return;
      isReached = true;
      throw new Error("broken off");
    };
    const ARCHIVE = new Proxy(bindings.ARCHIVE, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...given: unknown[]) => {
          count();
          return Reflect.apply(method, target, given) as unknown;
        };
      },
    });
    const MERCHANT_SHARD = {
      getByName: (name: string) => {
        count();
        return bindings.MERCHANT_SHARD.getByName(name);
      },
    } as unknown as Env["MERCHANT_SHARD"];
    await sql`UPDATE erased_merchants SET begun_at = '2026-01-01' WHERE id = ${id}`;
    await eraseMerchants({ ...bindings, ARCHIVE, MERCHANT_SHARD }, Date.now());
  }
  await eraseMerchants(bindings, later);
  expect(at).toBeGreaterThan(6);
  expect(await leftOf(id)).toEqual(NOTHING);
  expect(await sql`SELECT finished_at IS NOT NULL AS finished FROM erased_merchants WHERE id = ${id}`).toEqual([
    { finished: true },
  ]);
});
