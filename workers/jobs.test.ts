import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { derivedFileKey } from "../core/archive.ts";
import type { Job, JobView } from "../core/job.ts";
import type { Merchant } from "../core/merchant.ts";
import type { JobMessage } from "../core/messages.ts";
import { fail, ok } from "../core/result.ts";
import { rollupsOf, visitAt } from "../core/rollup-fixture.ts";
import { scannedDays } from "../core/scan-days.ts";
import { foldedDays } from "../core/scan-fixture.ts";
import { trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { R2Sink } from "../archive/parquet-writer.ts";
import type { Access, Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import { takeFurther, type Turn } from "./job-runner.ts";
import { dropOldJobs, readJob, writeJob } from "./job-store.ts";
import { jobRoutes } from "./jobs.ts";
import { answerAsked, findAsked } from "./report.ts";
import { publish, seal } from "./reports-doubles.ts";
import { readDays } from "./scan-reading.ts";

const bindings = env as unknown as Env;
const DAY_MS = 86_400_000;
const OPERATOR: Access = { kind: "operator" };

const realNow = Date.now;
afterEach(() => {
  Date.now = realNow;
});

/** By a dimension of events and one of visits: no rollup tells. */
const SCANNED = { metrics: ["visits"], dimensions: ["page", "source"], date_range: ["2026-01-01", "2026-01-20"] };
const KEPT = { metrics: ["visits"], date_range: ["2026-01-05", "2026-01-06"] };

const bed = (id: string) => {
  const merchant: Merchant = { id, name: id, zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };
  const find: Turn["find"] = async (_, asked) => (asked === id ? merchant : null);
  const sent: JobMessage[] = [];
  const JOBS_QUEUE = { send: async (message: JobMessage) => void sent.push(message) } as unknown as Env["JOBS_QUEUE"];
  const world = { ...bindings, JOBS_QUEUE };
  const request = async (method: string, path: string, body?: unknown, access: Access = OPERATOR) => {
    const app = new Hono<{ Bindings: Env; Variables: Guarded }>();
    app.use(async (c, next) => {
      c.set("access", access);
      await next();
    });
    app.route("/jobs", jobRoutes(find));
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await app.request(`/jobs${path}`, { method, ...json }, world);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const start = async (query: object): Promise<JobView> => {
    const { status, text } = await request("POST", "", { query: { merchant: id, ...query } });
    expect([status, text]).toEqual([202, expect.anything()]);
    return JSON.parse(text) as JobView;
  };
  const stands = async (job: string) => JSON.parse((await request("GET", `/${job}`)).text) as JobView;
  const turn = (more: Partial<Turn> = {}): Turn => ({ env: world, find, attempts: 1, ...more });
  return { merchant, world, sent, request, start, stands, turn };
};

/** Reads so many days at most at a time; `stale`: what it says is missing. */
const reader = (daysMax: number, stale: string[] = []) => {
  const asked: string[] = [];
  const read = (async (world, merchant, request) => {
    const days = scannedDays(request.zone, request.ranges).map(({ day }) => day.date.slice(8));
    asked.push(`${days[0]}-${days.at(-1)}`);
    if (days.length > daysMax) return fail({ kind: "too_large", bytes: 1, rows: 1 });
    const reading = await readDays(world, merchant, request);
    return reading.ok ? ok({ ...reading.value, stale }) : reading;
  }) as typeof readDays;
  return { asked, read };
};

/** Days of real traffic with their derived files, sealed. */
async function sealedDays(merchant: Merchant): Promise<void> {
  const range = { fromMs: dayOf(merchant.zone, "2026-01-01").startMs, toMs: dayOf(merchant.zone, "2026-01-20").endMs };
  for (const { day, shard, rows } of foldedDays(trafficOf({ merchant, seed: 7, ...range, people: 60 }), merchant)) {
    const file = new DerivedFile(
      new R2Sink(bindings.ARCHIVE, derivedFileKey(merchant.id, day.date, shard, 0)),
      merchant.currency,
    );
    await file.write(rows);
    await file.finish();
    await seal(bindings, { merchant: merchant.id, date: day.date, shard });
  }
}

test("a question that rollups answer is a job too: asked, done, read in every form, dropped", async () => {
  const { sent, request, start, stands, turn } = bed("m_job");
  await publish(bindings, rollupsOf("m_job", "Europe/Berlin", 1, [visitAt("2026-01-05T10:00:00Z")]));
  const { id, ...job } = await start(KEPT);
  expect(job).toMatchObject({ state: "queued", progress: { days: 0, days_done: 0 }, result: null, error: null });
  expect(sent).toEqual([{ kind: "job", id }]);
  expect((await request("GET", `/${id}/result`)).status).toBe(409);
  expect(await takeFurther(id, turn())).toBe("done");
  expect(await stands(id)).toMatchObject({ state: "done", result: `/api/v1/jobs/${id}/result` });
  const json = await request("GET", `/${id}/result`);
  expect(JSON.parse(json.text)).toMatchObject({ results: [{ metrics: [1] }] });
  expect((await request("GET", `/${id}/result?format=csv`)).text).toBe("visits\n1\n");
  expect((await request("GET", `/${id}/result?format=ndjson`)).text).toBe('{"visits":1}\n');
  expect((await request("GET", `/${id}/result?format=xls`)).status).toBe(400);
  expect((await request("DELETE", `/${id}`)).status).toBe(204);
  for (const path of [`/${id}`, `/${id}/result`]) expect((await request("GET", path)).status).toBe(404);
});

test("a piece of some days at a time, fewer after some were too many; together they are the answer", async () => {
  const { merchant, world, request, start, stands, turn } = bed("m_days");
  await sealedDays(merchant);
  const asked = {
    ...SCANNED,
    metrics: ["visitors", "visits", "bounce_rate", "net_revenue"],
    date_range: ["2026-01-09T05:00:00+01:00", "2026-01-20T18:00:00+01:00"],
    include: { comparisons: { mode: "custom", date_range: ["2026-01-01", "2026-01-03"] }, totals: true },
  };
  const { id, progress } = await start(asked);
  expect(progress).toEqual({ days: 15, days_done: 0 });
  const { asked: pieces, read } = reader(5);
  await takeFurther(id, turn({ read }));
  expect(pieces).toEqual(["01-03", "09-16", "09-12", "13-16", "17-20"]);
  expect(await stands(id)).toMatchObject({ state: "done", progress: { days: 15, days_done: 15 } });
  const found = await findAsked(world, turn().find, OPERATOR, { merchant: merchant.id, ...asked });
  const whole = found.ok ? await answerAsked(world, found.value, Date.now()) : found;
  if (!whole.ok) throw new Error(whole.failure.message);
  const result = JSON.parse((await request("GET", `/${id}/result`)).text) as typeof whole.value;
  expect(result.results.length).toBeGreaterThan(10);
  expect(result.results).toEqual(whole.value.results);
  expect(result.query).toEqual(whole.value.query);
  expect(result.meta.totals).toEqual(whole.value.meta.totals);
  // Nothing but how it stands and its result is left of it.
  const { objects } = await bindings.ARCHIVE.list({ prefix: "jobs/m_days/" });
  expect(objects.map(({ key }) => key.split("/").at(-1))).toEqual(["result.json", "state.json"]);
});

test("a turn ends after its time and another goes on where it was; a message that comes again does no harm", async () => {
  const { sent, start, stands, turn } = bed("m_turns");
  const { id } = await start(SCANNED);
  const { asked, read } = reader(20);
  let ms = realNow();
  Date.now = () => (ms += 10);
  await takeFurther(id, turn({ read, turnMs: 25 }));
  const { days_done: done } = (await stands(id)).progress;
  expect([8, 16]).toContain(done);
  expect((await stands(id)).state).toBe("running");
  expect(sent).toHaveLength(2);
  const turnMs = 1_000_000;
  await Promise.allSettled([takeFurther(id, turn({ read, turnMs })), takeFurther(id, turn({ read, turnMs }))]);
  expect(await stands(id)).toMatchObject({ state: "done", progress: { days_done: 20 } });
  expect(new Set(asked)).toEqual(new Set(["01-08", "09-16", "17-20"]));
  const seen = asked.length;
  expect(await takeFurther(id, turn({ read }))).toBe("done");
  expect(asked).toHaveLength(seen);
});

test("what is away is asked again, and after a while the job has failed; what is too much even by the day fails at once", async () => {
  const { start, stands, turn } = bed("m_fails");
  const { id } = await start(SCANNED);
  const away = (async () => fail({ kind: "unavailable" })) as typeof readDays;
  expect(await takeFurther(id, turn({ read: away }))).toBe("again");
  expect((await stands(id)).state).toBe("queued");
  expect(await takeFurther(id, turn({ read: away, attempts: 8 }))).toBe("done");
  expect(await stands(id)).toMatchObject({ state: "failed", error: { pointer: "#/query", reason: "unavailable" } });

  const large = await start(SCANNED);
  const { asked, read } = reader(0);
  expect(await takeFurther(large.id, turn({ read }))).toBe("done");
  expect(asked).toEqual(["01-08", "01-04", "01-02", "01-01"]);
  expect(await stands(large.id)).toMatchObject({
    state: "failed",
    error: { pointer: "#/query/date_range", reason: "too_much" },
  });

  const partial = await start(SCANNED);
  expect(await takeFurther(partial.id, turn(reader(20, ["An object is away."])))).toBe("again");
  expect(await stands(partial.id)).toMatchObject({ result: null, progress: { days_done: 0 } });
});

test("a bad question is refused with a pointer into what was sent, and makes no job", async () => {
  const { sent, request } = bed("m_bad");
  for (const [body, pointer] of [
    [{}, "#"],
    [{ query: 7 }, "#/query"],
    [{ query: { merchant: "m_bad", metrics: ["baa"], date_range: "7d" } }, "#/query/metrics/0"],
    [
      { query: { merchant: "m_bad", metrics: ["visits"], date_range: ["2999-01-01", "2999-01-02"] } },
      "#/query/date_range/0",
    ],
  ] as const) {
    const { status, text } = await request("POST", "", body);
    expect([status, (JSON.parse(text) as { error: { pointer: string } }).error.pointer]).toEqual([400, pointer]);
  }
  expect((await request("POST", "", { query: { merchant: "m_other", ...KEPT } })).status).toBe(404);
  expect(sent).toEqual([]);
});

test("whoever may not read the merchant sees no job of it, nor its result", async () => {
  const { request, start, turn } = bed("m_closed");
  const { id } = await start(KEPT);
  await takeFurther(id, turn());
  const stranger = { kind: "person", roles: {}, organisationOf: async () => "o_1" } as unknown as Access;
  for (const [method, path] of [
    ["GET", `/${id}`],
    ["GET", `/${id}/result`],
    ["DELETE", `/${id}`],
  ] as const)
    expect((await request(method, path, undefined, stranger)).status).toBe(404);
  expect((await request("POST", "", { query: { merchant: "m_closed", ...KEPT } }, stranger)).status).toBe(404);
  expect((await request("GET", `/${id}/result`)).status).toBe(200);
  for (const odd of ["m_closed-x", "..%2fm_closed", id.replace("m_closed", "m_other")])
    expect((await request("GET", `/${odd}`)).status).toBe(404);
});

test("a merchant has so many jobs under way; one that stands still is sent again", async () => {
  const { sent, request, start } = bed("m_busy");
  const jobs = [await start(KEPT), await start(KEPT), await start(KEPT)];
  const refused = await request("POST", "", { query: { merchant: "m_busy", ...KEPT } });
  expect([refused.status, refused.text]).toEqual([429, expect.stringContaining("too_many_jobs")]);
  expect(sent).toHaveLength(3);
  const later = realNow() + 61_000;
  Date.now = () => later;
  await request("GET", `/${jobs[0]!.id}`);
  expect(sent.at(-1)).toEqual({ kind: "job", id: jobs[0]!.id });
  await request("DELETE", `/${jobs[0]!.id}`);
  await start(KEPT);
});

test("after a day it is gone, and after another so are its files", async () => {
  const { world, request, start, turn } = bed("m_old");
  const { id } = await start(KEPT);
  await takeFurther(id, turn());
  const askedAtMs = realNow();
  Date.now = () => askedAtMs + DAY_MS;
  expect((await request("GET", `/${id}`)).status).toBe(404);
  Date.now = realNow;
  await dropOldJobs(world, askedAtMs + DAY_MS);
  expect(await readJob(world, id, askedAtMs)).not.toBeNull();
  expect(await dropOldJobs(world, askedAtMs + 3 * DAY_MS)).toBeGreaterThanOrEqual(2);
  expect(await readJob(world, id, askedAtMs)).toBeNull();
});

test("how a job stands is replaced by whoever has read it as it is, and by nobody once it is dropped", async () => {
  const { world, request, start } = bed("m_two");
  const { id } = await start(KEPT);
  const stored = (await readJob(world, id, Date.now()))!;
  const moved: Job = { ...stored.job, pieces: [1] };
  expect(await writeJob(world, moved, stored.etag)).not.toBeNull();
  expect(await writeJob(world, moved, stored.etag)).toBeNull();
  await request("DELETE", `/${id}`);
  expect(await writeJob(world, moved, stored.etag)).toBeNull();
});
