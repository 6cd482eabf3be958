import { expect, test } from "vitest";
import { QUERY_FILTER_DEPTH_MAX } from "../core/limits.ts";
import { makeSharing, type Sharing } from "./sharing-fixture.ts";

interface Segment {
  id: string;
  name: string;
  filters: unknown[];
  personal: boolean;
}

const BY_MAIL = [["is", "channel", ["Email"]]];

async function made(world: Sharing, body: object, as: "analyst" | "admin" | "owner" = "analyst"): Promise<Segment> {
  const { status, is } = await world.ask<Segment>(as, "POST", "segments", {
    name: "By mail",
    filters: BY_MAIL,
    ...body,
  });
  expect(status).toBe(201);
  return is;
}

const of = (...ids: string[]) => ({ filters: [["is", "segment", ids]] });

test("a saved segment is a filter of the merchant's queries: the numbers and the question are as if it were written out", async () => {
  const world = await makeSharing();
  const { id } = await made(world, {});
  const whole = await world.query("viewer");
  const narrowed = await world.query("viewer", of(id));
  const written = await world.query("viewer", { filters: BY_MAIL });
  expect(whole.is.results[0]!.metrics).toEqual([3]);
  expect(narrowed.is.results[0]!.metrics).toEqual([2]);
  expect(narrowed.is.query).toEqual(written.is.query);
  const address = `/api/v1/query?merchant=${world.merchant}&metrics=visits&from=2026-01-05&to=2026-01-05`;
  const filters = encodeURIComponent(JSON.stringify(of(id).filters));
  expect((await world.ask("viewer", "GET", `${address}&filters=${filters}`)).is).toMatchObject({
    results: [{ metrics: [2] }],
  });
  const question = `{ report(merchant: "${world.merchant}", metrics: [VISITS], filters: [{ segment: ["${id}"] }],
    dateRange: { from: "2026-01-05", to: "2026-01-05" }) { rows { values { number } } } }`;
  const graphql = await world.ask<object>("viewer", "POST", "/api/graphql", { query: question });
  expect(JSON.stringify(graphql.is)).toContain('"number":2');
});

test("a changed segment changes its answers: what is kept is kept by what it means", async () => {
  const world = await makeSharing();
  const { id } = await made(world, {});
  expect((await world.query("viewer", of(id))).is.results[0]!.metrics).toEqual([2]);
  const filters = [["is", "channel", ["Direct"]]];
  const changed = await world.ask<Segment>("analyst", "PATCH", `segments/${id}`, { filters, name: "Direct" });
  expect(changed.is).toMatchObject({ id, name: "Direct", filters });
  expect((await world.query("viewer", of(id))).is.results[0]!.metrics).toEqual([1]);
  expect((await world.ask("analyst", "DELETE", `segments/${id}`)).status).toBe(204);
  const gone = await world.query("viewer", of(id));
  expect(gone.status).toBe(400);
  expect(gone.is.error).toMatchObject({ reason: "unknown_segment", pointer: "#/filters/0/2/0" });
});

test("one's own segments are nobody else's, and a merchant's are no other merchant's", async () => {
  const [world, elsewhere] = await Promise.all([makeSharing(), makeSharing()]);
  const own = await made(world, { personal: true });
  const shared = await made(world, { name: "All" });
  expect(own.personal).toBe(true);
  const listed = async (as: "analyst" | "admin") =>
    (await world.ask<{ segments: Segment[] }>(as, "GET", "segments")).is.segments.map(({ id }) => id);
  expect(await listed("analyst")).toEqual([shared.id, own.id]);
  expect(await listed("admin")).toEqual([shared.id]);
  expect((await world.query("analyst", of(own.id))).status).toBe(200);
  for (const as of ["admin", "operator"] as const)
    expect((await world.query(as, of(own.id))).is.error?.reason).toBe("unknown_segment");
  for (const method of ["PATCH", "DELETE"])
    expect((await world.ask("owner", method, `segments/${own.id}`, { name: "Mine" })).status).toBe(404);
  expect((await elsewhere.query("viewer", of(shared.id))).is.error?.reason).toBe("unknown_segment");
  for (const method of ["PATCH", "DELETE"])
    expect((await elsewhere.ask("owner", method, `segments/${shared.id}`, { name: "Mine" })).status).toBe(404);
  // Whoever may not read the merchant does not learn which segments it has.
  const stranger = await world.query("stranger", of(shared.id));
  expect(stranger.is.error).toEqual((await world.query("stranger", of("g_none"))).is.error);
  expect(stranger.status).toBe(404);
  expect(
    (await world.ask("operator", "POST", "segments", { name: "a", filters: BY_MAIL, personal: true })).status,
  ).toBe(403);
});

test("what no query would take is not saved", async () => {
  const world = await makeSharing();
  const refused = async (filters: unknown) =>
    (await world.ask<{ error: object }>("analyst", "POST", "segments", { name: "a", filters })).is.error;
  expect(await refused([["is", "colour", ["red"]]])).toMatchObject({
    pointer: "#/filters/0/1",
    reason: "unknown_dimension",
  });
  expect(await refused([["is", "segment", ["g_1"]]])).toMatchObject({ reason: "invalid_filter" });
  expect(await refused([])).toMatchObject({ pointer: "#/filters" });
  const deep = (depth: number): unknown => (depth === 0 ? BY_MAIL[0] : ["not", deep(depth - 1)]);
  expect(await refused([deep(QUERY_FILTER_DEPTH_MAX)])).toMatchObject({ reason: "too_much" });
});

test("a question that makes no sense is refused for that, with segments too", async () => {
  const world = await makeSharing();
  const { id } = await made(world, {});
  const body = { metrics: ["baa"], date_range: "day", ...of(id) };
  const asked = async (more: object) =>
    (await world.ask<{ error: object }>("viewer", "POST", "/api/v1/query", { ...body, ...more })).is.error;
  expect(await asked({ merchant: world.merchant })).toMatchObject({ pointer: "#/metrics/0" });
  expect(await asked({})).toMatchObject({ pointer: "#/merchant", reason: "missing" });
});

test("funnels take segments as filters and in their steps; jobs settle what they mean when they are asked", async () => {
  const world = await makeSharing();
  const { id } = await made(world, {});
  const steps = [{ filters: of(id).filters }, { event: "purchase" }];
  const asked = { merchant: world.merchant, date_range: "day", steps, ...of(id) };
  const funnel = await world.ask("viewer", "POST", "/api/v1/funnel", asked);
  expect(funnel.is).toMatchObject({ query: { filters: BY_MAIL, steps: [{ filters: BY_MAIL }, {}] } });
  const unknown = await world.ask("viewer", "POST", "/api/v1/funnel", { ...asked, ...of("g_none") });
  expect(unknown.is).toMatchObject({ error: { reason: "unknown_segment" } });
  const query = { merchant: world.merchant, metrics: ["visits"], date_range: "day", ...of(id) };
  const job = await world.ask("viewer", "POST", "/api/v1/jobs", { query });
  expect(job).toMatchObject({ status: 202, is: { query: { filters: BY_MAIL } } });
});
