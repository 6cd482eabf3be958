// An audit over sealed days: proven while nothing is touched, and each thing that is altered, lost or damaged is found and named.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import type { AuditView } from "../core/audit.ts";
import { database } from "../migrations/database.ts";
import { auditRoutes } from "../workers/audits.ts";
import type { Env } from "../workers/env.ts";
import { replayRoutes } from "../workers/replays.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { ClosedDay, eventsOf, heldReplays, insertMerchant, shopOf } from "./replay-doubles.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const DATES = ["2026-11-15", "2026-11-16"] as const;

const { sent, REPLAY_QUEUE } = heldReplays();
const world = { ...bindings, REPLAY_QUEUE };
const find = async (_: unknown, id: string) => shopOf(id);
const [audits, replays] = [auditRoutes(find), replayRoutes(find)];

async function shopWithDays(id: string) {
  const merchant = shopOf(id);
  await insertMerchant(bindings, merchant);
  const days: ClosedDay[] = [];
  for (const date of DATES) {
    const day = new ClosedDay(bindings, merchant, date);
    await day.seal(eventsOf(merchant, date, 10));
    days.push(day);
  }
  return { merchant, days };
}

const post = async (app: typeof audits, path: string, body: object) => {
  const response = await app.request(path, { method: "POST", body: JSON.stringify(body) }, world);
  return { status: response.status, is: (await response.json()) as { id: number } };
};

async function audit(merchant: string): Promise<AuditView> {
  sent.length = 0;
  const range = { from: DATES[0], to: DATES[1], who: "ann", why: "to be sure" };
  const { status, is } = await post(audits, "/", { merchants: [merchant], ...range });
  expect(status).toBe(202);
  await worldOf(bindings).deliver("replay", sent.splice(0));
  return (await (await audits.request(`/${is.id}`, {}, world)).json()) as AuditView;
}

/** All of a merchant that Postgres keeps. */
const everything = async (merchant: string): Promise<string> =>
  JSON.stringify(
    await sql`SELECT (SELECT json_agg(to_jsonb(h) ORDER BY hour, generation) FROM hourly_rollups h WHERE merchant = ${merchant}),
      (SELECT json_agg(to_jsonb(d) ORDER BY date, generation) FROM daily_rollups d WHERE merchant = ${merchant}),
      (SELECT json_agg(to_jsonb(b) ORDER BY date) FROM day_book b WHERE merchant = ${merchant})`,
  );
const keysOf = async (merchant: string): Promise<string[]> => {
  const lists = await Promise.all(
    ["raw", "events", "outbox"].map((folder) =>
      bindings.ARCHIVE.list({
        prefix: folder === "outbox" ? `outbox/${merchant}/` : `${folder}/merchant=${merchant}/`,
      }),
    ),
  );
  return lists.flatMap(({ objects }) => objects.map(({ key, etag }) => `${key} ${etag}`));
};

test("days that nobody has touched are proven, also after late events and a replay by rules; nothing is changed by it", async () => {
  const { merchant, days } = await shopWithDays("m_auditWhole");
  await days[0]!.sealLate(eventsOf(merchant, DATES[0], 2).map((event) => ({ ...event, id: `late-${event.id}` })));
  sent.length = 0;
  const run = { from: DATES[1], to: DATES[1], who: "ann", why: "a crawler", rules: { extraBots: ["pricewatch"] } };
  const { is } = await post(replays, "/", { merchants: [merchant.id], ...run });
  await worldOf(bindings).deliver("replay", sent.splice(0));
  await post(replays, `/${is.id}/apply`, { who: "ann" });
  const before = [await everything(merchant.id), await keysOf(merchant.id)];
  const { run: audited, ...view } = await audit(merchant.id);
  expect(view).toMatchObject({
    proven: 2,
    differing: 0,
    days: [
      { date: DATES[0], findings: [] },
      { date: DATES[1], findings: [] },
    ],
  });
  expect(audited).toMatchObject({
    kind: "audit",
    state: "counting",
    units: { total: 2, done: 2 },
    finished_at: expect.any(String) as string,
  });
  expect(audited.rows).toBe(view.days.reduce((sum, { rows }) => sum + rows, 0));
  expect([await everything(merchant.id), await keysOf(merchant.id)]).toEqual(before);
  for (const way of ["apply", "rollback"])
    expect((await post(replays, `/${audited.id}/${way}`, { who: "ann" })).status).toBe(409);
  expect(await (await replays.request(`/${audited.id}`, {}, world)).json()).toMatchObject({ kind: "audit" });
  expect((await audits.request(`/${is.id}`, {}, world)).status).toBe(404);
});

test("whatever is altered, lost or damaged is found, where it is, and nowhere else", async () => {
  const { merchant, days } = await shopWithDays("m_auditAltered");
  const { id } = merchant;
  const [date] = DATES;
  const raw = rawFileKey(id, date, 0, days[0]!.seq);
  const derived = derivedFileKey(id, date, 0, 0);
  const other = derivedFileKey(id, DATES[1], 0, 0);
  const bytesOf = async (key: string) => (await bindings.ARCHIVE.get(key))!.arrayBuffer();
  const kept = new Map(await Promise.all([raw, derived, other].map(async (key) => [key, await bytesOf(key)] as const)));
  const putBack = async () => {
    for (const [key, bytes] of kept) await bindings.ARCHIVE.put(key, bytes);
  };
  const hours = `merchant = '${id}' AND date = '${date}'`;
  const harms: [string, () => Promise<unknown>, object[]][] = [
    [
      "an hour",
      () =>
        sql.query(
          `UPDATE hourly_rollups SET orders = orders + 1 WHERE ${hours} AND hour = (SELECT min(hour) FROM hourly_rollups WHERE ${hours})`,
        ),
      [{ what: "hours", dimension: "total", measure: "orders" }],
    ],
    [
      "a day",
      () => sql.query(`UPDATE daily_rollups SET pageviews = pageviews - 1 WHERE ${hours}`),
      [{ what: "day", dimension: "total", measure: "pageviews" }],
    ],
    ["the proof", () => sql.query(`UPDATE day_book SET proof = repeat('0', 64) WHERE ${hours}`), [{ what: "proof" }]],
    [
      "a verdict",
      () => sql.query(`UPDATE day_book SET verdicts = (verdicts::jsonb || '{"counted":1}')::json WHERE ${hours}`),
      [{ what: "books", value: "counted", before: 1 }],
    ],
    [
      "the books",
      () => sql.query(`UPDATE day_book SET received = received + 1 WHERE ${hours}`),
      [{ what: "books", note: "they do not balance" }],
    ],
    [
      "the derived file of another day",
      async () => bindings.ARCHIVE.put(derived, await bytesOf(other)),
      [{ what: "derived" }],
    ],
    ["no derived file", () => bindings.ARCHIVE.delete(derived), [{ what: "derived", note: `${derived} is not in R2` }]],
    [
      "half a derived file",
      () => bindings.ARCHIVE.put(derived, kept.get(derived)!.slice(0, 900)),
      [{ what: "derived" }],
    ],
    ["no raw file", () => bindings.ARCHIVE.delete(raw), [{ what: "raw", note: `${raw} is not in R2` }]],
    ["half a raw file", () => bindings.ARCHIVE.put(raw, kept.get(raw)!.slice(0, 900)), [{ what: "raw" }]],
  ];
  for (const [harm, act, findings] of harms) {
    const rows = await sql`SELECT (SELECT json_agg(h) FROM hourly_rollups h WHERE merchant = ${id}) AS hours,
      (SELECT json_agg(d) FROM daily_rollups d WHERE merchant = ${id}) AS days, (SELECT json_agg(b) FROM day_book b WHERE merchant = ${id}) AS books`;
    await act();
    const view = await audit(id);
    expect([harm, view]).toMatchObject([
      harm,
      {
        proven: 1,
        differing: 1,
        days: [
          { date, findings },
          { date: DATES[1], findings: [] },
        ],
      },
    ]);
    expect(view.days[0]!.findings).toHaveLength(findings.length);
    await putBack();
    await sql.transaction([
      sql`DELETE FROM hourly_rollups WHERE merchant = ${id}`,
      sql`DELETE FROM daily_rollups WHERE merchant = ${id}`,
      sql`DELETE FROM day_book WHERE merchant = ${id}`,
      ...(["hours", "days", "books"] as const).map((name, at) => {
        const table = ["hourly_rollups", "daily_rollups", "day_book"][at]!;
        return sql.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(null::${table}, $1::json)`, [
          JSON.stringify(rows[0]![name]),
        ]);
      }),
    ]);
  }
  expect(await audit(id)).toMatchObject({ proven: 2, differing: 0 });
});

test("a difference that other code may have made says so", async () => {
  const { merchant } = await shopWithDays("m_auditVersion");
  await sql`UPDATE day_book SET counted_as = (counted_as::jsonb || '{"version":0}')::json WHERE merchant = ${merchant.id}`;
  expect(await audit(merchant.id)).toMatchObject({ proven: 2 });
  await sql`UPDATE daily_rollups SET events = events + 1 WHERE merchant = ${merchant.id} AND date = ${DATES[1]}`;
  const { days } = await audit(merchant.id);
  expect(days[0]).toMatchObject({
    date: DATES[1],
    findings: [{ what: "day", note: expect.stringContaining("version 0") as string }],
  });
});
