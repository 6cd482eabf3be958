// Events are kept as long as the merchant says: then they go, numbers stay, and whatever would need them says so.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import type { RunView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import { auditRoutes } from "../workers/audits.ts";
import type { Env } from "../workers/env.ts";
import { funnelRoutes } from "../workers/funnel.ts";
import { replayRoutes } from "../workers/replays.ts";
import { forOperator } from "../workers/reports-doubles.ts";
import { reports } from "../workers/reports.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { ClosedDay, eventsOf, heldReplays, shopOf } from "./replay-doubles.ts";
import { dropExpiredEvents } from "./retention.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
/** In Berlin it is the 24th. */
const NOW_MS = Date.parse("2026-11-23T23:30:00Z");
const [OLD, LAST, KEPT] = ["2026-11-10", "2026-11-13", "2026-11-14"] as const;

async function shop(id: string, retentionDays: number | null): Promise<Merchant> {
  const merchant = shopOf(id);
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, retention_days)
    VALUES (${id}, ${merchant.name}, ${merchant.zone}, ${merchant.currency}, ${merchant.domains}, ${retentionDays}::int)`;
  return merchant;
}

const keysOf = async (merchant: string): Promise<string[]> => {
  const { objects } = await bindings.ARCHIVE.list();
  return objects.map(({ key }) => key).filter((key) => key.includes(`merchant=${merchant}/`));
};
const datesOf = async (merchant: string): Promise<string[]> => [
  ...new Set((await keysOf(merchant)).map((key) => /date=([0-9-]+)/.exec(key)![1]!)),
];
const keptFrom = async (merchant: string): Promise<string | null> =>
  (await sql`SELECT events_from::text AS date FROM merchants WHERE id = ${merchant}`)[0]!["date"] as string | null;

/** R2, and which prefixes are listed. */
function watched(break_: (prefix: string) => boolean = () => false) {
  const listed: string[] = [];
  const ARCHIVE = new Proxy(bindings.ARCHIVE, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: [{ prefix?: string }]) => {
        if (name === "list") {
          listed.push(given[0].prefix ?? "");
          if (break_(given[0].prefix ?? "")) throw new Error("R2 is away");
        }
        return Reflect.apply(method, target, given) as unknown;
      };
    },
  });
  return { listed, env: { ...bindings, ARCHIVE } };
}

interface Answer {
  results: object[];
  error?: { reason: string; message: string };
}

async function ask(app: ReturnType<typeof forOperator>, path: string, body: object) {
  const response = await app.request(path, { method: "POST", body: JSON.stringify(body) }, bindings);
  return { status: response.status, is: (await response.json()) as Answer };
}

test("events past their time go, and no merchant is touched that has none; numbers stay", async () => {
  const merchant = await shop("m_retention", 10);
  await shop("m_retentionIdle", 10);
  const forever = await shop("m_retentionEver", null);
  for (const date of [OLD, LAST, KEPT]) await new ClosedDay(bindings, merchant, date).seal(eventsOf(merchant, date, 4));
  await new ClosedDay(bindings, forever, OLD).seal(eventsOf(forever, OLD, 2));
  const app = forOperator(reports(async () => merchant));
  const question = {
    merchant: merchant.id,
    metrics: ["visits", "visitors"],
    dimensions: ["page"],
    date_range: [OLD, KEPT],
  };
  const before = (await ask(app, "/query", question)).is.results;

  const { listed, env: world } = watched();
  expect(await dropExpiredEvents(world, NOW_MS)).toBe(2);
  expect(listed.every((prefix) => prefix.includes(`merchant=${merchant.id}/`))).toBe(true);
  expect(await datesOf(merchant.id)).toEqual([KEPT]);
  expect(await datesOf(forever.id)).toEqual([OLD]);
  expect(await keptFrom(merchant.id)).toBe(KEPT);
  expect(await keptFrom("m_retentionIdle")).toBeNull();
  expect(await sql`SELECT who, action, subject FROM audit_log WHERE merchant = ${merchant.id}`).toMatchObject([
    {
      who: "schedule",
      action: "events dropped",
      subject: { from: OLD, to: LAST, days: 2, files: 4, retention_days: 10 },
    },
  ]);
  expect((await ask(app, "/query", question)).is.results).toEqual(before);
  // Nothing to do: R2 is not asked.
  const again = watched();
  expect(await dropExpiredEvents(again.env, NOW_MS)).toBe(0);
  expect(again.listed).toEqual([]);

  const scanned = { ...question, dimensions: ["page", "source"] };
  expect(await ask(app, "/query", scanned)).toMatchObject({
    status: 400,
    is: {
      error: {
        reason: "not_kept",
        pointer: "#/date_range",
        message: expect.stringContaining(`${OLD} to ${LAST}`) as string,
      },
    },
  });
  expect(await ask(app, "/query", { ...scanned, date_range: [KEPT, KEPT] })).toMatchObject({ status: 200 });
  const funnel = { merchant: merchant.id, date_range: [OLD, KEPT], steps: [{ page: "/" }, { event: "purchase" }] };
  const refused = await ask(forOperator(funnelRoutes(async () => merchant)), "/funnel", funnel);
  expect(refused).toMatchObject({ status: 400, is: { error: { reason: "not_kept" } } });
});

test("a replay of such a day is refused with the reason, an audit says so, and nothing becomes a dead letter", async () => {
  const merchant = await shop("m_retentionRuns", 10);
  for (const date of [LAST, KEPT]) await new ClosedDay(bindings, merchant, date).seal(eventsOf(merchant, date, 3));
  await dropExpiredEvents(bindings, NOW_MS);
  const { sent, REPLAY_QUEUE } = heldReplays();
  const world = { ...bindings, REPLAY_QUEUE };
  const { deliver, dead } = worldOf(bindings);
  const find = async () => merchant;
  const [replays, audits] = [replayRoutes(find), auditRoutes(find)];
  const body = JSON.stringify({
    merchants: [merchant.id],
    from: LAST,
    to: KEPT,
    preview: true,
    who: "ann",
    why: "a try",
  });
  const run = (await (await replays.request("/", { method: "POST", body }, world)).json()) as RunView;
  const audit = (await (await audits.request("/", { method: "POST", body }, world)).json()) as RunView;
  expect(await deliver("replay", sent.splice(0))).toMatchObject({ retried: [] });
  expect(dead.sent).toEqual([]);
  expect(await (await replays.request(`/${run.id}`, {}, world)).json()).toMatchObject({
    units: { done: 1, failed: 1 },
    failures: [{ date: LAST, error: expect.stringContaining("no longer kept") as string }],
  });
  expect(await (await audits.request(`/${audit.id}`, {}, world)).json()).toMatchObject({
    proven: 1,
    differing: 1,
    days: [
      { date: LAST, findings: [{ what: "raw", note: expect.stringContaining("no longer kept") as string }] },
      { date: KEPT },
    ],
  });
});

test("a day that is not counted yet is kept until it is; what R2 did not take out is taken out the next night", async () => {
  const merchant = await shop("m_retentionOpen", 1);
  const waiting = new ClosedDay(bindings, merchant, LAST);
  const events = eventsOf(merchant, LAST, 3);
  await waiting.seal(events);
  await waiting.late([{ ...events[0]!, id: "late" }]);
  await new ClosedDay(bindings, merchant, KEPT).seal(eventsOf(merchant, KEPT, 3));
  const { env: broken } = watched((prefix) => prefix.startsWith("raw/") && prefix.includes(KEPT));
  expect(await dropExpiredEvents(broken, NOW_MS)).toBe(0);
  expect(await datesOf(merchant.id)).toEqual([LAST, KEPT]);
  expect(await dropExpiredEvents(bindings, NOW_MS)).toBe(1);
  expect(await datesOf(merchant.id)).toEqual([LAST]);
  expect(await keptFrom(merchant.id)).toBe(LAST);
  expect(await waiting.askForSeal()).toMatchObject({ kind: "sealed" });
  expect(await dropExpiredEvents(bindings, NOW_MS)).toBe(2);
  expect(await datesOf(merchant.id)).toEqual([]);
  // Days that may still have late events are kept, whatever is asked for.
  expect(await keptFrom(merchant.id)).toBe("2026-11-20");
});

test("what an import brings for such a day is not counted by half: the day says why, and its numbers stay", async () => {
  const merchant = await shop("m_retentionLate", 10);
  const day = new ClosedDay(bindings, merchant, LAST);
  const events = eventsOf(merchant, LAST, 3);
  await day.seal(events);
  await dropExpiredEvents(bindings, NOW_MS);
  await day.late([{ ...events[0]!, id: "imported" }]);
  const { deliver, dead } = worldOf(bindings);
  expect(await deliver("seal", [day.message()])).toMatchObject({ acked: [0] });
  expect(dead.sent).toMatchObject([{ reason: expect.stringContaining("no longer kept") as string }]);
  expect(
    await sql`SELECT generation, proven, difference, verdicts ->> 'late' AS late FROM day_book WHERE merchant = ${merchant.id}`,
  ).toMatchObject([
    { generation: 0, proven: false, difference: { unreadable: expect.any(String) as string }, late: "1" },
  ]);
});
