import { expect, test } from "vitest";
import type { MerchantList } from "../core/merchant-list.ts";
import { dayAt, dayOf } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import { bindings, browser, type Client, signedUp } from "./auth-fixture.ts";
import { collect } from "./collect.ts";
import { findMerchant, published, readConfig } from "./merchants.ts";
import { askShards } from "./shards.ts";

const reasonOf = async (response: Response): Promise<[number, string, string]> => {
  const { error } = await response.json<{ error: { reason: string; pointer: string } }>();
  return [response.status, error.reason, error.pointer];
};

const SHOP = { name: "Hats", zone: "Europe/Berlin", currency: "EUR" };
const OPERATOR = { authorization: `Bearer ${bindings.OPERATOR_TOKEN}` };

interface Made {
  id: string;
  organisation: string;
  [key: string]: unknown;
}

async function owner(): Promise<{ client: Client; organisation: string }> {
  const { client } = await signedUp();
  const made = await client.send("POST", "/api/v1/organisations", { name: "Hats" });
  return { client, organisation: (await made.json<{ id: string }>()).id };
}

async function merchant(client: Client, organisation: string, more: object = {}): Promise<Made> {
  const made = await client.send("POST", "/api/v1/merchants", { ...SHOP, organisation, ...more });
  expect(made.status).toBe(201);
  return made.json<Made>();
}

test("a merchant is made, read, changed and deleted, and the edge knows at once", async () => {
  const { client, organisation } = await owner();
  const domains = ["www.Hats.example", "hats.example", "shop.hats.example"];
  const made = await merchant(client, organisation, { domains });
  expect(made).toEqual({
    id: expect.stringMatching(/^m_[a-z0-9]{10}$/),
    ...SHOP,
    organisation,
    role: "owner",
    domains: ["hats.example", "shop.hats.example"],
    shards: 1,
    zones: null,
    spread: null,
    retention_days: null,
  });
  expect(await findMerchant(bindings, made.id)).toMatchObject({ name: "Hats" });
  const path = `/api/v1/merchants/${made.id}`;
  const changed = await client.send("PATCH", path, { name: "More hats", retention_days: 400 });
  expect(await changed.json()).toEqual({ ...made, name: "More hats", retention_days: 400 });
  expect(await (await client.send("PATCH", path, { retention_days: null })).json()).toEqual({
    ...made,
    name: "More hats",
  });
  expect(await findMerchant(bindings, made.id)).toMatchObject({ name: "More hats" });
  expect(await (await client.send("GET", "/api/v1/merchants")).json()).toMatchObject({
    merchants: [{ id: made.id, role: "owner", name: "More hats" }],
  });
  expect((await client.send("DELETE", path)).status).toBe(204);
  expect((await client.send("GET", path)).status).toBe(404);
  expect(await findMerchant(bindings, made.id)).toBeNull();
});

test("KV carries a change to isolates that never asked Postgres", async () => {
  const { client, organisation } = await owner();
  const { id } = await merchant(client, organisation);
  const kept = await bindings.MERCHANTS.get(`config:${id}`, { type: "json" });
  expect(kept).toMatchObject({ config: { organisation, merchant: { ...SHOP, id, shards: 1 } } });
});

test("bodies are read strictly", async () => {
  const { client, organisation } = await owner();
  const post = async (body: unknown) => reasonOf(await client.send("POST", "/api/v1/merchants", body));
  const right = { ...SHOP, organisation };
  expect(await post({ ...right, id: "m_mine" })).toEqual([400, "unknown_key", "#/id"]);
  expect(await post({ ...right, deleted_at: null })).toEqual([400, "unknown_key", "#/deleted_at"]);
  const polluting = JSON.stringify(right).replace("{", `{"__proto__": {"shards": 9},`);
  expect(await post(JSON.parse(polluting))).toEqual([400, "unknown_key", "#/__proto__"]);
  expect(await post({ ...right, zone: "Berlin" })).toEqual([400, "invalid", "#/zone"]);
  expect(await post({ ...right, currency: "euro" })).toEqual([400, "too_much", "#/currency"]);
  expect(await post({ ...right, domains: ["https://hats.example/"] })).toEqual([400, "invalid", "#/domains/0"]);
  expect(await post({ ...SHOP })).toEqual([400, "missing", "#/organisation"]);
  expect(await post({ ...right, name: undefined })).toEqual([400, "missing", "#/name"]);
  expect(await post({ ...right, name: "x".repeat(17_000) })).toEqual([413, "too_large", "#"]);
  expect(await post({ ...right, shards: 4 })).toEqual([403, "operator_only", "#/shards"]);
  expect(await post({ ...right, organisation: "o_nobodys" })).toEqual([404, "unknown_organisation", "#/organisation"]);
  expect(await post([])).toEqual([400, "wrong_type", "#"]);
});

test("after the first event the currency holds, and another zone is one for later days", async () => {
  const { client, organisation } = await owner();
  const { id } = await merchant(client, organisation);
  const path = `/api/v1/merchants/${id}`;
  expect((await client.send("PATCH", path, { zone: "Asia/Kathmandu", currency: "NPR" })).status).toBe(200);
  const shard = bindings.MERCHANT_SHARD.getByName(`${id}/0`) as unknown as {
    append(batch: object): Promise<unknown>;
  };
  const known = await findMerchant(bindings, id);
  await shard.append({ merchant: known, shard: 0, lines: [], rejected: { missing: 1 }, receivedAtMs: Date.now() });
  expect(await reasonOf(await client.send("PATCH", path, { currency: "EUR" }))).toEqual([
    409,
    "has_events",
    "#/currency",
  ]);
  const same = await client.send("PATCH", path, { zone: "Asia/Kathmandu", name: "Same zone" });
  expect(await same.json()).toMatchObject({ zone: "Asia/Kathmandu", zones: null });
  const moved = await client.send("PATCH", path, { zone: "Europe/Berlin" });
  expect(moved.status).toBe(200);
  const { zone, zones } = await moved.json<{ zone: string; zones: { from: string; zone: string }[] }>();
  expect(zone).toBe("Asia/Kathmandu");
  expect(zones.map((each) => each.zone)).toEqual(["Asia/Kathmandu", "Europe/Berlin"]);
  expect(dayOf("Asia/Kathmandu", zones[1]!.from).startMs).toBeGreaterThan(Date.now());
  // The day by which it is counted is what it was.
  const { zone: text } = (await findMerchant(bindings, id))!;
  expect(dayAt(text, Date.now())).toMatchObject({ endMs: dayAt("Asia/Kathmandu", Date.now()).endMs });
  const listed = await (await client.send("GET", "/api/v1/merchants")).json<MerchantList>();
  expect(listed.merchants.find((each) => each.id === id)).toMatchObject({ zone: "Asia/Kathmandu" });
  // Taken back before it holds.
  const back = await client.send("PATCH", path, { zone: "Asia/Kathmandu" });
  expect(await back.json()).toMatchObject({ zone: "Asia/Kathmandu", zones: null });
});

test("another number of shards holds from a later day on, and all objects are asked at once", async () => {
  const { client, organisation } = await owner();
  const { id } = await merchant(client, organisation);
  const changed = await browser().send("PATCH", `/api/v1/merchants/${id}`, { shards: 4 }, OPERATOR);
  const view = await changed.json<{ shards: number; spread: { from: string; shards: number }[] }>();
  expect(view.shards).toBe(4);
  expect(view.spread.map(({ shards }) => shards)).toEqual([1, 4]);
  expect(Date.parse(view.spread[1]!.from)).toBeGreaterThan(Date.now() - 3_600_000 * 2);
  expect(await findMerchant(bindings, id)).toMatchObject({ shards: 4, spread: view.spread });
});

test("events go by the count of their own day", async () => {
  const { client, organisation } = await owner();
  const { id } = await merchant(client, organisation, { zone: "Etc/UTC" });
  const nowMs = Date.now();
  const dates = [nowMs - 86_400_000, nowMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
  const spread = JSON.stringify([
    { from: "0001-01-01", shards: 1 },
    { from: dates[1], shards: 4 },
  ]);
  await database(bindings)`UPDATE merchants SET shards = 4, spread = ${spread}::json WHERE id = ${id}`;
  await published(bindings, id, await readConfig(bindings, id));
  const events = Array.from({ length: 40 }, (_, at) => ({
    name: "pageview",
    url: "https://hats.example/",
    user: `user ${at}`,
    occurred_at: at % 2 === 0 ? nowMs - 86_400_000 : nowMs,
  }));
  const sender = {
    ip: "192.0.2.1",
    userAgent: "x",
    country: undefined,
    region: undefined,
    city: undefined,
    trusted: true,
  };
  const receipts = await collect(bindings, { merchant: id, events }, sender, nowMs);
  expect(receipts.ok && receipts.value.every(({ status }) => status === "accepted")).toBe(true);
  const known = (await findMerchant(bindings, id))!;
  const standings = await askShards(bindings, known, (shard) => shard.status());
  const shardsWith = dates.map((date) =>
    standings.flatMap(({ shard, days }) =>
      days.some((day) => day.date === date && day.books.accepted > 0) ? [shard] : [],
    ),
  );
  expect(shardsWith).toEqual([[0], [0, 1, 2, 3]]);
});

test("a merchant is given to an organisation in which one has a say", async () => {
  const from = await owner();
  const { id } = await merchant(from.client, from.organisation);
  const to = await owner();
  const path = `/api/v1/merchants/${id}/transfer`;
  expect(await reasonOf(await from.client.send("POST", path, { organisation: to.organisation }))).toContain(404);
  expect(await reasonOf(await to.client.send("POST", path, { organisation: to.organisation }))).toContain(404);
  const second = await from.client.send("POST", "/api/v1/organisations", { name: "Second" });
  const { id: own } = await second.json<{ id: string }>();
  expect(await (await from.client.send("POST", path, { organisation: own })).json()).toMatchObject({
    organisation: own,
  });
});

test("while Postgres is away the list is as it was, and nothing is changed", async () => {
  const operator = browser();
  const list = async (world = bindings) => browser(world).send("GET", "/api/v1/merchants", undefined, OPERATOR);
  const before = await (await list()).json<{ merchants: unknown[]; as_of: null }>();
  expect(before.as_of).toBeNull();
  const away = { ...bindings, NEON_BRIDGE: "127.0.0.1:9" };
  const { merchants, as_of } = await (await list(away)).json<{ merchants: unknown[]; as_of: string }>();
  expect(merchants).toEqual(before.merchants);
  expect(Date.parse(as_of)).toBeLessThanOrEqual(Date.now());
  const made = await browser(away).send("POST", "/api/v1/merchants", SHOP, OPERATOR);
  expect([made.status, made.headers.get("retry-after")]).toEqual([503, "5"]);
  expect((await operator.send("POST", "/api/v1/merchants", SHOP, OPERATOR)).status).toBe(201);
});

test("a copy at the edge that has aged is looked up again, and serves on while Postgres is away", async () => {
  const { client, organisation } = await owner();
  const aged = async (): Promise<string> => {
    const { id } = await merchant(client, organisation);
    const key = `config:${id}`;
    const copy = await bindings.MERCHANTS.get<{ config: { merchant: { id: string; name: string } } }>(key, {
      type: "json",
    });
    const { config } = copy!;
    const other = { ...config, merchant: { ...config.merchant, id: `${id}x`, name: "As it was" } };
    await bindings.MERCHANTS.put(`${key}x`, JSON.stringify({ config: other, freshUntilMs: Date.now() - 1 }));
    return `${id}x`;
  };
  const away = await aged();
  expect(await findMerchant({ ...bindings, NEON_BRIDGE: "127.0.0.1:9" }, away)).toMatchObject({ name: "As it was" });
  const gone = await aged();
  expect(await findMerchant(bindings, gone)).toBeNull();
  expect(await bindings.MERCHANTS.get(`config:${gone}`)).toBeNull();
});

test("a merchant deleted by hand is gone for whoever would change it", async () => {
  const { client, organisation } = await owner();
  const { id } = await merchant(client, organisation);
  await database(bindings)`UPDATE merchants SET deleted_at = now() WHERE id = ${id}`;
  expect((await client.send("GET", `/api/v1/merchants/${id}`)).status).toBe(404);
});
