// Runs over more days than one statement or one request takes, and runs that are applied although some days could not be counted.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { rawFileKey } from "../core/archive.ts";
import type { RunView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "../workers/env.ts";
import { replayRoutes } from "../workers/replays.ts";
import { resumeRuns } from "../workers/replay-units.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { ClosedDay, eventsOf, heldReplays, shopOf } from "./replay-doubles.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);

const { sent, REPLAY_QUEUE } = heldReplays();
/** A queue loses nothing here, so nothing is sent twice. */
const world: Bindings & Env = { ...bindings, REPLAY_QUEUE, PUBLISH_AFTER_MS: "600000" };
const app = replayRoutes(async (_, id) => shopOf(id));

const ask = async (
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; is: RunView & { sent: number } }> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await app.request(path, init, world);
  return { status: response.status, is: (await response.json()) as RunView & { sent: number } };
};
const request = { preview: true, why: "a try", who: "ann" };

/** Days of many merchants and shards that are sealed, as far as the day book is concerned. */
async function manyDays(prefix: string, merchants: number, dates: readonly string[], shards: number): Promise<void> {
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards)
    SELECT ${prefix} || n, 'Shop', 'Etc/UTC', 'EUR', '{}', ${shards} FROM generate_series(1, ${merchants}) AS n`;
  await sql`INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts, sealed_at, sealed_seq, proven)
    SELECT day::date, ${prefix} || n, shard, 1, 0, 0, 0, '{}', '{}', now(), 1, true
    FROM generate_series(1, ${merchants}) AS n, unnest(${dates}::text[]) AS day, generate_series(0, ${shards - 1}) AS shard`;
}

test("a run of thousands of days is made in slices and sent whole, each unit once, whatever interrupts it", async () => {
  const dates = ["2019-03-01", "2019-03-04"];
  await manyDays("m_many", 1_100, dates, 2);
  const total = 1_100 * dates.length * 2;
  sent.length = 0;
  const { status, is } = await ask("POST", "/", {
    ...request,
    all: true,
    from: "2019-02-01",
    to: "2019-04-30",
  });
  expect(status).toBe(202);
  // A request ends after some seconds; whoever follows the run asks for the rest.
  while ((await ask("POST", `/${is.id}/resume`)).is.sent > 0);
  const whole = (await ask("GET", `/${is.id}`)).is;
  expect(whole).toMatchObject({ listed: true, units: { total, queued: total }, merchants: null });
  expect(new Set(sent.map(({ merchant, date, shard }) => `${merchant.id} ${date} ${shard}`)).size).toBe(total);
  expect(sent).toHaveLength(total);

  // Killed after the first slice: the rest is made by whoever goes on, and what was sent is not sent again.
  sent.length = 0;
  const { is: second } = await ask("POST", "/", {
    ...request,
    all: true,
    from: "2019-03-01",
    to: "2019-03-01",
  });
  await sql`DELETE FROM replay_units WHERE run = ${second.id} AND merchant > 'm_many5'`;
  await sql`UPDATE replay_runs SET listing = '2019-03-01/m_many5/0' WHERE id = ${second.id}`;
  expect((await ask("GET", `/${second.id}`)).is.listed).toBe(false);
  expect((await ask("POST", `/${second.id}/apply`, { who: "ann" })).status).toBe(409);
  const before = sent.length;
  await resumeRuns(world);
  const view = (await ask("GET", `/${second.id}`)).is;
  expect(view).toMatchObject({ listed: true, units: { total: 1_100 * 2 } });
  const again = sent.slice(before).filter(({ run }) => run === second.id);
  expect(again.every(({ merchant }) => merchant.id > "m_many5")).toBe(true);
  expect(again.length).toBeGreaterThan(500);
});

test("a run of named merchants takes theirs and no others", async () => {
  await manyDays("m_named", 5, ["2019-05-01", "2019-05-02", "2019-05-09"], 1);
  const merchants = ["m_named2", "m_named4"];
  const { is } = await ask("POST", "/", { ...request, merchants, from: "2019-05-02", to: "2019-05-31" });
  const units = await sql`SELECT merchant, date::text FROM replay_units WHERE run = ${is.id} ORDER BY 1, 2`;
  expect(units).toEqual(
    merchants.flatMap((merchant) => ["2019-05-02", "2019-05-09"].map((date) => ({ merchant, date }))),
  );
});

test("applied without the days that could not be counted: the others switch, those stay, and the record says so", async () => {
  const merchant = shopOf("m_skip", 2);
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards) VALUES (${merchant.id}, 'Shop', ${merchant.zone}, 'EUR', '{}', 2)`;
  const dates = ["2026-11-17", "2026-11-18"];
  const days = await Promise.all(
    dates.flatMap((date) =>
      [0, 1].map(async (shard) => {
        const day = new ClosedDay(bindings, merchant, date, shard);
        await day.seal(eventsOf(merchant, date, 4).filter((_, at) => at % 2 === shard));
        return day;
      }),
    ),
  );
  // One shard of the first day cannot be read.
  const key = rawFileKey(merchant.id, dates[0]!, 1, days[1]!.seq);
  const bytes = await (await bindings.ARCHIVE.get(key))!.arrayBuffer();
  await bindings.ARCHIVE.put(key, bytes.slice(0, bytes.byteLength - 40));
  sent.length = 0;
  const { is: run } = await ask("POST", "/", {
    ...request,
    merchants: [merchant.id],
    from: dates[0],
    to: dates[1],
  });
  await worldOf(bindings).deliver("replay", sent.splice(0));
  expect(await ask("POST", `/${run.id}/apply`, { who: "ann" })).toMatchObject({
    status: 409,
    is: { refused: [{ reason: "failed" }], skipped: [] },
  });
  expect((await ask("POST", `/${run.id}/apply`, { who: "ann", skip_failed: "yes" })).status).toBe(400);
  expect(await ask("POST", `/${run.id}/apply`, { who: "ann", skip_failed: true })).toMatchObject({
    status: 200,
    is: {
      state: "applied",
      switched: 1,
      remaining: 0,
      skipped: [
        {
          merchant: merchant.id,
          days: [
            { date: dates[0], shard: 0 },
            { date: dates[0], shard: 1 },
          ],
        },
      ],
    },
  });
  const book =
    await sql`SELECT date::text, shard::int, generation FROM day_book WHERE merchant = ${merchant.id} ORDER BY 1, 2`;
  // Not half a day: its other shard stays too.
  expect(book.map(({ generation }) => generation)).toEqual([0, 0, run.id, run.id]);
  const [audited] = await sql`SELECT subject FROM audit_log WHERE merchant = ${merchant.id}`;
  expect(audited).toMatchObject({ subject: { days: 2, skipped: [dates[0]] } });
  expect(await ask("POST", `/${run.id}/rollback`, { who: "ann" })).toMatchObject({
    status: 200,
    is: { state: "rolled_back" },
  });
});
