// A visitor asks to be forgotten: every day that saw them is counted as if they had never come, and nowhere is anything of them.
// With real R2 and Postgres, and with the object and its queues for the day that is open.

import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { shardObject } from "../core/address.ts";
import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import { balanced, type Books } from "../core/books.ts";
import { jsonOf, letterId, letterKey, messageOf, type StoredLetter } from "../core/dead-letter.ts";
import type { ErasureView } from "../core/erasure-view.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { AuditView } from "../core/audit.ts";
import type { RunView, SwitchView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import type { Guarded } from "../workers/access.ts";
import { auditRoutes } from "../workers/audits.ts";
import type { Env } from "../workers/env.ts";
import { erasureRoutes } from "../workers/erasures.ts";
import { replayRoutes } from "../workers/replays.ts";
import { forOperator } from "../workers/reports-doubles.ts";
import { identifiedVisitor } from "../workers/visitor.ts";
import type { Bindings } from "./bindings.ts";
import { chunkMessage, gzip, overflowMessage, worldOf } from "./doubles.ts";
import { eraseDay } from "./erase-day.ts";
import { Breaking, eventsOfVisitor, inOrder, keysWith, rowsWith } from "./erasure-doubles.ts";
import { sweepErasures } from "./old-erasures.ts";
import { ClosedDay, eventsOf, heldReplays, insertMerchant, shopOf } from "./replay-doubles.ts";
import { sealDay } from "./seal.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const USER = "kunde-7";
const POLL = { timeout: 25_000, interval: 200 };
const [FIRST, SECOND, THIRD] = ["2026-11-16", "2026-11-17", "2026-11-18"] as const;

async function shop(id: string, shards = 1) {
  const merchant = shopOf(id, shards);
  await insertMerchant(bindings, merchant);
  return { merchant, visitor: await identifiedVisitor(bindings, id, USER), ...apiOf(merchant) };
}

function apiOf(merchant: Merchant) {
  const { sent, REPLAY_QUEUE } = heldReplays();
  const world = { ...bindings, REPLAY_QUEUE };
  const find = async (_: unknown, id: string) => (id === merchant.id ? merchant : null);
  const routes = new Hono<{ Bindings: Env; Variables: Guarded }>();
  routes.route("/merchants", erasureRoutes(find));
  routes.route("/replays", replayRoutes(find));
  routes.route("/audits", auditRoutes(find));
  const app = forOperator(routes);
  const { deliver, dead } = worldOf(bindings, { MERCHANT_SHARD: bindings.MERCHANT_SHARD });
  const ask = async <Is = unknown>(method: string, path: string, body?: object) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await app.request(path, init, world);
    return { status: response.status, is: await response.json<Is>() };
  };
  const path = `/merchants/${merchant.id}/erasures`;
  const count = () => deliver("replay", sent.splice(0));
  return {
    ask,
    count,
    dead,
    erase: async (user: unknown = USER) => {
      const { status, is } = await ask<ErasureView>("POST", path, { user, who: "ann" });
      expect({ status, is }).toMatchObject({ status: 202 });
      return is.id;
    },
    standing: async (run: number) => (await ask<ErasureView>("GET", `${path}/${run}`)).is,
    start: async (kind: "replays" | "audits", over: object = {}) => {
      const range = { merchants: [merchant.id], from: FIRST, to: THIRD };
      const { is } = await ask<RunView>("POST", `/${kind}`, { ...range, who: "ann", why: "a test", ...over });
      return is.id;
    },
  };
}

type Book = Books & { date: string; generation: number; proven: boolean; sealed_seq: number };
const booksOf = async (merchant: string) =>
  (await sql`SELECT date::text, generation, proven, sealed_seq::int, received::int, accepted::int, duplicate::int, rejected, verdicts
    FROM day_book WHERE merchant = ${merchant} ORDER BY date, shard`) as Book[];

/** What readers see, but for whose it is and which generation and sequence. */
const seen = async (merchant: string) =>
  JSON.stringify([
    await sql`SELECT to_jsonb(h) - 'generation' - 'seq' - 'merchant' AS row FROM hourly_rollups h
      JOIN day_book b USING (date, merchant, shard, generation) WHERE merchant = ${merchant} ORDER BY h.hour, h.shard`,
    await sql`SELECT to_jsonb(d) - 'generation' - 'seq' - 'merchant' AS row FROM daily_rollups d
      JOIN day_book b USING (date, merchant, shard, generation) WHERE merchant = ${merchant} ORDER BY d.date, d.shard`,
  ]);

const generationsOf = async (merchant: string, date: string) =>
  (await sql`SELECT DISTINCT generation FROM hourly_rollups WHERE merchant = ${merchant} AND date = ${date}`).map(
    ({ generation }) => generation as number,
  );

const keysOf = async (prefix: string) => (await bindings.ARCHIVE.list({ prefix })).objects.map(({ key }) => key);

/** The same days, to which the visitor never came. */
async function never(
  id: string,
  days: readonly (readonly [date: string, events: readonly Event[]])[],
): Promise<string> {
  const { merchant } = await shop(id);
  for (const [date, events] of days) await new ClosedDay(bindings, merchant, date).seal(events);
  return seen(id);
}

test("sealed days are as if the visitor had never come; days without them are left alone; nowhere is anything of them", async () => {
  const { merchant, visitor, erase, standing, count, start, ask } = await shop("m_erase");
  const others = (date: string) => eventsOf(merchant, date, 8);
  for (const date of [FIRST, SECOND, THIRD]) {
    const own = date === SECOND ? [] : eventsOfVisitor(merchant, date, visitor);
    expect(await new ClosedDay(bindings, merchant, date).seal(inOrder([...others(date), ...own]))).toMatchObject({
      kind: "sealed",
    });
  }
  const before = await booksOf(merchant.id);
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toHaveLength(4);
  const [untouched] = await keysOf(`raw/merchant=${merchant.id}/date=${SECOND}/`);
  const etag = (await bindings.ARCHIVE.head(untouched!))!.etag;

  const run = await erase();
  expect(await standing(run)).toMatchObject({
    state: "running",
    days: { queued: 3, done: 0, listed: true },
    events: 0,
  });
  expect(await count()).toMatchObject({ acked: [0, 1, 2], retried: [] });
  expect(await standing(run)).toMatchObject({
    state: "done",
    visitor,
    who: "ann",
    days: { queued: 0, done: 3, failed: 0 },
    events: 20,
    erased: [
      { date: FIRST, events: 10 },
      { date: THIRD, events: 10 },
    ],
    following: [],
  });
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await rowsWith(sql, merchant.id, visitor)).toBe(0);
  expect((await bindings.ARCHIVE.head(untouched!))!.etag).toBe(etag);
  expect(await seen(merchant.id)).toBe(
    await never(
      "m_eraseNever",
      [FIRST, SECOND, THIRD].map((date) => [date, others(date)]),
    ),
  );

  const books = await booksOf(merchant.id);
  for (const [at, book] of books.entries()) {
    expect(balanced(book)).toBe(true);
    expect(book).toMatchObject({ accepted: before[at]!.accepted, received: before[at]!.received, proven: true });
    expect(book.verdicts["erased"]).toBe(book.date === SECOND ? undefined : 10);
    expect(await generationsOf(merchant.id, book.date)).toEqual([book.generation]);
    const own = derivedFileKey(merchant.id, book.date, 0, book.generation);
    expect(await keysOf(`events/merchant=${merchant.id}/date=${book.date}/`)).toEqual([own]);
  }
  expect(books[1]).toEqual(before[1]);
  const audited = await sql`SELECT action, subject FROM audit_log WHERE merchant = ${merchant.id} ORDER BY id`;
  expect(audited).toMatchObject([
    { action: "erasure asked for", subject: { run } },
    { action: "visitor erased", subject: { run, date: FIRST, shard: 0, events: 10 } },
    { action: "visitor erased", subject: { run, date: THIRD, shard: 0, events: 10 } },
  ]);
  expect(JSON.stringify(audited)).not.toContain(visitor);

  // What is left proves itself, and a replay finds no difference.
  const audit = await start("audits");
  await count();
  expect((await ask<AuditView>("GET", `/audits/${audit}`)).is).toMatchObject({ proven: 3, differing: 0 });
  const replay = await start("replays");
  await count();
  expect((await ask("GET", `/replays/${replay}/diff`)).is).toMatchObject({ days: 3, changed_days: 0, count: 0 });
  expect(await ask("POST", `/replays/${replay}/apply`, { who: "ann" })).toMatchObject({ status: 200 });
  for (const book of await booksOf(merchant.id)) {
    expect(balanced(book)).toBe(true);
    expect(book.verdicts["erased"]).toBe(book.date === SECOND ? undefined : 10);
  }
  // For good: an erasure is neither rolled back nor stopped.
  for (const way of ["apply", "rollback", "cancel"])
    expect(await ask("POST", `/replays/${run}/${way}`, { who: "ann" })).toMatchObject({ status: 409 });

  // The same person again later is somebody new: what comes after the asking stays.
  expect(await erase()).toBeGreaterThan(run);
  expect(await count()).toMatchObject({ retried: [] });
  expect(
    (await ask<{ erasures: ErasureView[] }>("GET", `/merchants/${merchant.id}/erasures`)).is.erasures,
  ).toMatchObject([
    { state: "done", events: 0 },
    { id: run, events: 20 },
  ]);
});

test("of a day that is all theirs an empty one is left", async () => {
  const { merchant, visitor, erase, count } = await shop("m_eraseAll");
  await new ClosedDay(bindings, merchant, FIRST).seal(eventsOfVisitor(merchant, FIRST, visitor));
  await erase();
  expect(await count()).toMatchObject({ acked: [0], retried: [] });
  expect(await booksOf(merchant.id)).toMatchObject([{ accepted: 10, verdicts: { erased: 10 }, proven: true }]);
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await rowsWith(sql, merchant.id, visitor)).toBe(0);
});

test("an asking while the day waits for its seal: the seal proves what was counted live, then they are taken out; so with late events", async () => {
  const { merchant, visitor, erase, standing, count } = await shop("m_eraseSeal");
  const day = new ClosedDay(bindings, merchant, FIRST);
  const own = eventsOfVisitor(merchant, FIRST, visitor);
  await day.publish(inOrder([...eventsOf(merchant, FIRST, 6), ...own.slice(0, 6)]));
  const run = await erase();
  expect(await count()).toMatchObject({ acked: [] });
  expect(await day.askForSeal()).toMatchObject({ kind: "sealed" });
  expect(await standing(run)).toMatchObject({ state: "done", events: 6, erased: [{ date: FIRST, events: 6 }] });
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  // What waited in a queue meanwhile, late but received before the asking.
  const late = own.slice(6).map((event) => ({ ...event, id: `late-${event.id}` }));
  const other = { ...eventsOf(merchant, FIRST, 6)[0]!, id: "late-other" };
  expect(await day.sealLate([...late, other])).toMatchObject({ kind: "sealed" });
  expect(await standing(run)).toMatchObject({ events: 10, erased: [{ date: FIRST, events: 10 }] });
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await rowsWith(sql, merchant.id, visitor)).toBe(0);
  const [book] = await booksOf(merchant.id);
  expect(balanced(book!)).toBe(true);
  expect(book).toMatchObject({ proven: true, verdicts: { erased: 10 } });
  expect(book!.verdicts).not.toHaveProperty("late");
  // What they do after having asked is kept.
  const new_ = own.slice(0, 2).map((event) => ({ ...event, id: `new-${event.id}`, received_at: Date.now() + 60_000 }));
  expect(await day.sealLate(new_)).toMatchObject({ kind: "sealed" });
  expect(await standing(run)).toMatchObject({ events: 10 });
  expect(await booksOf(merchant.id)).toMatchObject([{ verdicts: { erased: 10 } }]);
  expect((await keysWith(bindings.ARCHIVE, merchant.id, visitor)).length).toBeGreaterThan(0);
});

test("whatever it is interrupted by, and whenever, repeating it comes to the same end", async () => {
  const { merchant, visitor, erase } = await shop("m_eraseBroken");
  const run = await erase();
  const others = eventsOf(merchant, FIRST, 1);
  const expected = await never("m_eraseBrokenNever", [[FIRST, others]]);
  const events = inOrder([...others, ...eventsOfVisitor(merchant, FIRST, visitor)]);
  const key = { merchant: merchant.id, date: FIRST, shard: 0 };
  // Each call to R2 and Postgres in its turn is done, and its answer is lost.
  let at = 1;
  for (; ; at++) {
    await forget(merchant.id);
    await sql`UPDATE erasures SET asked_at = '2026-01-01' WHERE run = ${run}`;
    await new ClosedDay(bindings, merchant, FIRST).seal(events);
    await sql`UPDATE erasures SET asked_at = now() WHERE run = ${run}`;
    const breaking = new Breaking(at);
    const broken = { ARCHIVE: breaking.bucket(bindings.ARCHIVE) };
    const ended = eraseDay(broken, breaking.sql(sql), key, merchant);
    if (
      await ended.then(
        () => !breaking.wasReached,
        () => false,
      )
    )
      break;
    await expect(ended).rejects.toThrow();
    await eraseDay(bindings, sql, key, merchant);
    expect(await seen(merchant.id), `call ${at}`).toBe(expected);
    const [book] = await booksOf(merchant.id);
    expect(book).toMatchObject({ proven: true, verdicts: { erased: 10 } });
    expect(balanced(book!)).toBe(true);
    expect(await generationsOf(merchant.id, FIRST)).toEqual([book!.generation]);
    expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
    const noted = await sql`SELECT events FROM erased_days WHERE run = ${run} AND tidied_at IS NOT NULL`;
    expect(noted).toEqual([{ events: 10 }]);
  }
  expect(at).toBeGreaterThan(25);
}, 120_000);

/** Everything of the merchant's days. */
async function forget(merchant: string): Promise<void> {
  for (const table of ["hourly_rollups", "daily_rollups", "day_book", "replay_units"])
    await sql.query(`DELETE FROM ${table} WHERE merchant = $1`, [merchant]);
  await sql`DELETE FROM erased_days WHERE run IN (SELECT run FROM erasures WHERE merchant = ${merchant})`;
  for (const prefix of [`raw/merchant=${merchant}/`, `events/merchant=${merchant}/`, `outbox/${merchant}/`])
    for (const key of await keysOf(prefix)) await bindings.ARCHIVE.delete(key);
}

test("erasures, a seal of late events and a replay at the same time: each is done in the end, and none undoes another", async () => {
  const { merchant, erase, count, start, ask } = await shop("m_eraseTogether");
  const users = ["a", "b", "c"];
  const visitors = await Promise.all(users.map((user) => identifiedVisitor(bindings, merchant.id, user)));
  const others = eventsOf(merchant, FIRST, 3);
  const late = { ...others[0]!, id: "late" };
  const day = new ClosedDay(bindings, merchant, FIRST);
  await day.seal(inOrder([...others, ...visitors.flatMap((visitor) => eventsOfVisitor(merchant, FIRST, visitor))]));
  await day.late([late]);
  const replay = await start("replays");
  for (const user of users) await erase(user);
  const seal = () => day.askForSeal().catch(() => ({ kind: "later" }));
  const key = { merchant: merchant.id, date: FIRST, shard: 0 };
  const erased = () => eraseDay(bindings, sql, key, merchant).catch(() => null);
  // Whoever comes second sees that the day has changed, and is repeated: by the queue, as a rule.
  for (let isOver = false; !isOver;) {
    const [sealed, ...done] = await Promise.all([seal(), erased(), erased(), count(), erased()]);
    isOver = sealed.kind === "sealed" && !done.includes(null);
  }
  for (const visitor of visitors) {
    expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
    expect(await rowsWith(sql, merchant.id, visitor)).toBe(0);
  }
  const { merchant: alike } = await shop("m_eraseTogetherNever");
  const same = new ClosedDay(bindings, alike, FIRST);
  await same.seal(others);
  await same.sealLate([late]);
  expect(await seen(merchant.id)).toBe(await seen(alike.id));
  const [book] = await booksOf(merchant.id);
  expect(balanced(book!)).toBe(true);
  expect(book).toMatchObject({ proven: true, verdicts: { erased: 30 } });
  for (let state = "counting"; state !== "applied";) {
    await ask("POST", `/replays/${replay}/resume`);
    await count();
    ({ state } = (await ask<SwitchView>("POST", `/replays/${replay}/apply`, { who: "ann" })).is);
  }
  expect(await seen(merchant.id)).toBe(await seen(alike.id));
});

/** R2 that does something else first when a key is put. */
function meanwhile(isIt: (key: string) => boolean, work: () => Promise<unknown>): R2Bucket {
  let isDone = false;
  return new Proxy(bindings.ARCHIVE, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...given: unknown[]) => {
        if (name === "put" && !isDone && isIt(given[0] as string)) {
          isDone = true;
          await work();
        }
        return Reflect.apply(method, target, given) as unknown;
      };
    },
  });
}

test("whoever has read the day as it was before an erasure writes nothing over it: another erasure, a seal", async () => {
  const { merchant, erase } = await shop("m_eraseOver");
  const [a, b] = await Promise.all(["a", "b"].map((user) => identifiedVisitor(bindings, merchant.id, user)));
  const day = new ClosedDay(bindings, merchant, FIRST);
  const own = [...eventsOfVisitor(merchant, FIRST, a!), ...eventsOfVisitor(merchant, FIRST, b!)];
  await day.seal(inOrder([...eventsOf(merchant, FIRST, 3), ...own]));
  const key = { merchant: merchant.id, date: FIRST, shard: 0 };
  const raw = rawFileKey(merchant.id, FIRST, 0, day.seq);
  await erase("a");
  const other = async () => {
    await erase("b");
    await eraseDay(bindings, sql, key, merchant);
  };
  const slow = { ARCHIVE: meanwhile((name) => name === raw, other) };
  await expect(eraseDay(slow, sql, key, merchant)).rejects.toThrow("replaced by somebody else");
  for (const visitor of [a!, b!]) expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  await eraseDay(bindings, sql, key, merchant);
  expect(await booksOf(merchant.id)).toMatchObject([{ verdicts: { erased: 20 } }]);

  const c = await identifiedVisitor(bindings, merchant.id, "c");
  await day.sealLate(eventsOfVisitor(merchant, FIRST, c));
  await day.late([{ ...eventsOf(merchant, FIRST, 3)[0]!, id: "late" }]);
  const third = async () => {
    await erase("c");
    await eraseDay(bindings, sql, key, merchant);
  };
  const ARCHIVE = meanwhile((name) => name.startsWith("events/"), third);
  await expect(sealDay({ ...bindings, ARCHIVE }, day.message())).rejects.toThrow("meanwhile");
  expect(await day.askForSeal()).toMatchObject({ kind: "sealed" });
  for (const visitor of [a!, b!, c]) {
    expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
    expect(await rowsWith(sql, merchant.id, visitor)).toBe(0);
  }
  const [book] = await booksOf(merchant.id);
  expect(balanced(book!)).toBe(true);
  expect(book).toMatchObject({ proven: true, verdicts: { erased: 30 } });
});

test("a run that has counted the day before is not applied over it, and cannot bring anything back", async () => {
  const { merchant, visitor, erase, count, start, ask } = await shop("m_eraseRuns");
  await new ClosedDay(bindings, merchant, FIRST).seal(
    inOrder([...eventsOf(merchant, FIRST, 6), ...eventsOfVisitor(merchant, FIRST, visitor)]),
  );
  const rules = { extraBots: ["pricewatch"] };
  const [applied, counted] = [await start("replays", { rules }), await start("replays", { rules, preview: true })];
  await count();
  expect(await ask("POST", `/replays/${applied}/apply`, { who: "ann" })).toMatchObject({ status: 200 });
  await count();
  await erase();
  await count();
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await rowsWith(sql, merchant.id, visitor)).toBe(0);
  // It is counted by the rules of the run that was seen.
  const [book] = await booksOf(merchant.id);
  expect(book!.verdicts).toMatchObject({ erased: 10, bot: expect.any(Number) as number });
  const numbers = await seen(merchant.id);
  expect(await ask("POST", `/replays/${applied}/rollback`, { who: "ann" })).toMatchObject({ status: 409 });
  expect(await ask("POST", `/replays/${counted}/apply`, { who: "ann" })).toMatchObject({
    status: 409,
    is: { refused: [{ reason: "unfinished" }] },
  });
  expect(await ask("POST", `/replays/${counted}/resume`)).toMatchObject({ is: { sent: 1 } });
  await count();
  expect(await ask("POST", `/replays/${counted}/apply`, { who: "ann" })).toMatchObject({ status: 200 });
  expect(await seen(merchant.id)).toBe(numbers);
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await ask("POST", `/replays/${counted}/rollback`, { who: "ann" })).toMatchObject({ status: 200 });
  expect(await seen(merchant.id)).toBe(numbers);
});

test("what somebody who was at it meanwhile has left is found by the nightly look", async () => {
  const { merchant, visitor, erase, count } = await shop("m_eraseSweep");
  const day = new ClosedDay(bindings, merchant, FIRST);
  await day.seal(inOrder([...eventsOf(merchant, FIRST, 4), ...eventsOfVisitor(merchant, FIRST, visitor)]));
  const dirty = await (await bindings.ARCHIVE.get(derivedFileKey(merchant.id, FIRST, 0, 0)))!.arrayBuffer();
  await erase();
  await count();
  const numbers = await seen(merchant.id);
  const [{ generation } = { generation: 0 }] = await booksOf(merchant.id);
  // A counting that had read everything before, and ended after; and one that wrote over the file that readers see.
  await bindings.ARCHIVE.put(derivedFileKey(merchant.id, FIRST, 0, 7), dirty);
  await bindings.ARCHIVE.put(derivedFileKey(merchant.id, FIRST, 0, generation), dirty);
  await sql`UPDATE erased_days SET at = now() - interval '2 hours'`;
  expect(await sweepErasures(bindings, Date.now())).toBeGreaterThan(0);
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await seen(merchant.id)).toBe(numbers);
  await sql`UPDATE erased_days SET at = now() - interval '2 hours'`;
  await sweepErasures(bindings, Date.now());
  expect(await sweepErasures(bindings, Date.now())).toBe(0);
});

test("of dead letters what is theirs is taken out, and what is not can still be sent again", async () => {
  const { merchant, visitor, erase } = await shop("m_eraseLetters");
  await erase();
  const now = Date.now();
  const lineOf = (id: string, who: string, receivedAtMs: number): string =>
    JSON.stringify({ id, name: "pageview", occurred_at: now - 9e5, received_at: receivedAtMs, visitor: who });
  const [theirs, other] = [lineOf("a", visitor, now - 9e5), lineOf("b", "00000000000000ab", now - 9e5)];
  const since = lineOf("c", visitor, now + 9e5);
  const overflow = overflowMessage(merchant.id, theirs);
  overflow.batch.lines.push(other, since);
  const chunk = { ...(await chunkMessage(merchant.id, 1)), events: 1, body: await gzip(`${theirs}\n`) };
  const innocent = { ...(await chunkMessage(merchant.id, 2)), events: 1, body: await gzip(`${other}\n`) };
  const keys: string[] = [];
  for (const message of [overflow, chunk, innocent]) {
    const id = letterId(now, crypto.randomUUID().replaceAll("-", ""));
    keys.push(letterKey(id)!);
    const letter = { id, queue: null, reason: "", at: "", message: jsonOf(message) };
    await bindings.ARCHIVE.put(keys.at(-1)!, JSON.stringify(letter));
  }
  await sweepErasures(bindings, now);
  const left = await Promise.all(keys.map(async (key) => (await bindings.ARCHIVE.get(key))?.json<StoredLetter>()));
  expect(messageOf(left[0]!.message)).toEqual({ ...overflow, batch: { ...overflow.batch, lines: [other, since] } });
  expect(left[1]).toBeUndefined();
  expect(messageOf(left[2]!.message)).toEqual(innocent);
});

test("of an open day it is known that it follows; its seal takes them out", async () => {
  const { merchant, visitor, erase, standing, count } = await shop("m_eraseOpen");
  const object = shardObject(bindings.MERCHANT_SHARD, merchant.id, 0);
  const others = eventsOf(merchant, FIRST, 4);
  const lines = inOrder([...others, ...eventsOfVisitor(merchant, FIRST, visitor)]).map((event) =>
    JSON.stringify(event),
  );
  await object.append({ merchant, shard: 0, lines, rejected: {}, receivedAtMs: Date.now() });
  const run = await erase();
  await count();
  expect(await standing(run)).toMatchObject({ state: "following", following: [FIRST], events: 0 });
  await expect
    .poll(async () => {
      await object.seal();
      return (await standing(run)).state;
    }, POLL)
    .toBe("done");
  expect(await standing(run)).toMatchObject({ events: 10, erased: [{ date: FIRST, events: 10 }], following: [] });
  expect(await keysWith(bindings.ARCHIVE, merchant.id, visitor)).toEqual([]);
  expect(await seen(merchant.id)).toBe(await never("m_eraseOpenNever", [[FIRST, others]]));
  // The log that the object has kept them in goes with its next checkpoint.
  expect((await object.status()).unarchivedEvents).toBe(0);
});

test("what is no user is refused; an unknown erasure is none", async () => {
  const { merchant, ask } = await shop("m_eraseRefused");
  const path = `/merchants/${merchant.id}/erasures`;
  for (const user of ["", null, {}, "x".repeat(201)])
    expect(await ask("POST", path, { user })).toMatchObject({ status: 400, is: { error: { pointer: "#/user" } } });
  expect(await ask("GET", `${path}/999999999`)).toMatchObject({ status: 404 });
});
