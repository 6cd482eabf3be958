import { expect, test } from "vitest";
import { database } from "../migrations/database.ts";
import { makeWorld, type World } from "./access-fixture.ts";
import { api } from "./api.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import { bindings, freshEmail, HOME } from "./auth-fixture.ts";

type Asker = Parameters<World["headersOf"]>[0];

async function ask<Body>(world: World, asker: Asker, route: string, body?: unknown): Promise<Body> {
  const [method = "", path = ""] = route.split(" ");
  const response = await api.request(
    HOME + path,
    {
      method,
      headers: { origin: HOME, "content-type": "application/json", ...(await world.headersOf(asker)) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    bindings,
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${route}: ${response.status} ${text}`);
  return (text === "" ? null : JSON.parse(text)) as Body;
}

interface Page {
  entries: AuditEntry[];
  next: number | null;
}

const entriesOf = async (world: World, query: string, asker: Asker = "admin"): Promise<AuditEntry[]> =>
  (await ask<Page>(world, asker, `GET /api/v1/audit?${query}`)).entries;

test("every change of settings, members, invitations, rules and tokens is there, with what was and what is", async () => {
  const world = await makeWorld();
  const { organisation, merchant, member, people } = world;
  const invited = `x${freshEmail()}`;
  await ask(world, "admin", `PATCH /api/v1/merchants/${merchant}`, { name: "Hats", retention_days: 400 });
  await ask(world, "admin", `PATCH /api/v1/organisations/${organisation}`, { name: "All hats" });
  await ask(world, "admin", `PATCH /api/v1/members/${organisation}/${member}`, { role: "analyst" });
  const { id } = await ask<{ id: string }>(world, "admin", "POST /api/v1/invitations", {
    organisation,
    email: invited,
    role: "viewer",
  });
  await ask(world, "admin", `DELETE /api/v1/invitations/${id}`);
  await ask(world, "admin", `DELETE /api/v1/members/${organisation}/${member}`);
  await ask(world, "admin", `PUT /api/v1/merchants/${merchant}/rules`, {
    rules: { excludedPages: ["/admin/*"] },
    version: 0,
    why: "no back office",
  });
  await ask(world, "admin", `DELETE /api/v1/tokens/${world.token}`);
  await ask(world, "owner", `POST /api/v1/organisations/${organisation}/transfer`, { person: people.admin });
  const entries = await entriesOf(world, `organisation=${organisation}`);
  const who = `${people.admin}@example.com`;
  const invitation = { id, email: `x…@example.com`, role: "viewer" };
  const told = entries.map(({ id: _, at, ...entry }) => {
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
    return entry;
  });
  const common = { who, merchant: null, organisation, details: {} };
  const owner = `${people.owner}@example.com`;
  expect(told).toEqual([
    {
      ...common,
      who: owner,
      action: "member changed",
      before: { person: people.owner, role: "owner" },
      after: { person: people.owner, role: "admin" },
    },
    {
      ...common,
      who: owner,
      action: "member changed",
      before: { person: people.admin, role: "admin" },
      after: { person: people.admin, role: "owner" },
    },
    {
      ...common,
      merchant,
      action: "token revoked",
      before: { id: world.token, name: world.secret, scope: "read", expires_at: null },
      after: null,
    },
    { ...common, merchant, action: "rules", before: null, after: null, details: { version: 1, why: "no back office" } },
    { ...common, action: "member removed", before: { person: member, role: "analyst" }, after: null },
    { ...common, action: "invitation withdrawn", before: invitation, after: null },
    { ...common, action: "invitation made", before: null, after: invitation },
    {
      ...common,
      action: "member changed",
      before: { person: member, role: "viewer" },
      after: { person: member, role: "analyst" },
    },
    { ...common, action: "organisation renamed", before: { name: world.secret }, after: { name: "All hats" } },
    {
      ...common,
      merchant,
      action: "merchant changed",
      before: { name: world.secret, retention_days: null },
      after: { name: "Hats", retention_days: 400 },
    },
  ]);
  expect(JSON.stringify(entries)).not.toContain(invited);
});

test("changes of segments and annotations are there too; of what somebody keeps for themselves nothing", async () => {
  const world = await makeWorld();
  const { organisation, merchant, people } = world;
  const at = `/api/v1/merchants/${merchant}`;
  const from = (country: string) => [["is", "country", [country]]];
  type Made = { id: string };
  const segment = await ask<Made>(world, "analyst", `POST ${at}/segments`, { name: "German", filters: from("DE") });
  await ask(world, "admin", `PATCH ${at}/segments/${segment.id}`, { filters: from("AT") });
  await ask(world, "admin", `DELETE ${at}/segments/${segment.id}`);
  const note = await ask<Made>(world, "analyst", `POST ${at}/annotations`, { date: "2026-11-24", text: "Sale" });
  await ask(world, "admin", `PATCH ${at}/annotations/${note.id}`, { hour: 8, text: "Sale begins" });
  await ask(world, "admin", `DELETE ${at}/annotations/${note.id}`);
  const own = { name: "Mine", filters: from("FR"), personal: true };
  const { id } = await ask<Made>(world, "analyst", `POST ${at}/segments`, own);
  await ask(world, "analyst", `PATCH ${at}/segments/${id}`, { name: "Still mine" });
  await ask(world, "analyst", `DELETE ${at}/segments/${id}`);
  await expect(ask(world, "viewer", `POST ${at}/segments`, { name: "x", filters: from("DE") })).rejects.toThrow("403");
  await expect(ask(world, "admin", `PATCH ${at}/annotations/n_none`, { text: "x" })).rejects.toThrow("404");
  const [analyst, admin] = [`${people.analyst}@example.com`, `${people.admin}@example.com`];
  const day = { id: note.id, date: "2026-11-24" };
  const entries = await entriesOf(world, `organisation=${organisation}`);
  expect(entries.map(({ who, action, before, after }) => [who, action, before, after])).toEqual([
    [admin, "annotation deleted", { ...day, hour: 8, text: "Sale begins" }, null],
    [
      admin,
      "annotation changed",
      { id: note.id, hour: null, text: "Sale" },
      { id: note.id, hour: 8, text: "Sale begins" },
    ],
    [analyst, "annotation made", null, { ...day, hour: null, text: "Sale" }],
    [admin, "segment deleted", { id: segment.id, name: "German", filters: from("AT") }, null],
    [admin, "segment changed", { id: segment.id, filters: from("DE") }, { id: segment.id, filters: from("AT") }],
    [analyst, "segment made", null, { id: segment.id, name: "German", filters: from("DE") }],
  ]);
  expect(entries.filter((entry) => entry.merchant !== merchant)).toEqual([]);
});

test("what was refused is not in it", async () => {
  const world = await makeWorld();
  const { organisation, people } = world;
  await expect(
    ask(world, "owner", `PATCH /api/v1/members/${organisation}/${people.owner}`, { role: "viewer" }),
  ).rejects.toThrow("last_owner");
  await expect(ask(world, "owner", `DELETE /api/v1/organisations/${organisation}`)).rejects.toThrow("has_merchants");
  await expect(ask(world, "viewer", `PATCH /api/v1/merchants/${world.merchant}`, { name: "x" })).rejects.toThrow("403");
  expect(await entriesOf(world, `organisation=${organisation}`, "owner")).toEqual([]);
});

test("making, giving away and deleting a merchant is there, for who had it", async () => {
  const [giver, taker] = [await makeWorld(), await makeWorld()];
  const shop = { organisation: giver.organisation, name: "Hats", zone: "Europe/Berlin", currency: "EUR" };
  const { id } = await ask<{ id: string }>(giver, "owner", "POST /api/v1/merchants", shop);
  await database(
    bindings,
  )`INSERT INTO audit_log (who, action, merchant, subject) VALUES ('ops', 'replay applied', ${id}, '{"run": 7}')`;
  await database(bindings)`INSERT INTO members (organisation, person, role)
    VALUES (${taker.organisation}, ${giver.people.owner}, 'admin')`;
  await ask(giver, "owner", `POST /api/v1/merchants/${id}/transfer`, { organisation: taker.organisation });
  const actions = (entries: AuditEntry[]): string[] => entries.map(({ action }) => action);
  expect(actions(await entriesOf(giver, `organisation=${giver.organisation}`))).toEqual([
    "merchant given away",
    "merchant made",
  ]);
  // Whoever has the merchant now sees what operators did to its numbers, not who had it.
  expect(actions(await entriesOf(taker, `merchant=${id}`))).toEqual(["replay applied"]);
  expect(actions(await entriesOf(taker, `organisation=${taker.organisation}`))).toEqual(["replay applied"]);
  await ask(taker, "owner", `DELETE /api/v1/merchants/${id}`);
  expect(actions(await entriesOf(taker, `organisation=${taker.organisation}`))[0]).toBe("merchant deleted");
  const all = await entriesOf(taker, "limit=500", "operator");
  expect(actions(all.filter(({ merchant }) => merchant === id))).toEqual([
    "merchant deleted",
    "merchant given away",
    "replay applied",
    "merchant made",
  ]);
});

test("page after page, nothing twice and nothing left out", async () => {
  const world = await makeWorld();
  for (let turn = 0; turn < 5; turn++)
    await ask(world, "admin", `PATCH /api/v1/merchants/${world.merchant}`, { name: `Hats ${turn}` });
  const seen: unknown[] = [];
  let next: number | null = null;
  do {
    const before: string = next === null ? "" : `&before=${next}`;
    const page: Page = await ask(world, "admin", `GET /api/v1/audit?merchant=${world.merchant}&limit=2${before}`);
    seen.push(...page.entries.map(({ after }) => after?.["name"]));
    next = page.next;
  } while (next !== null);
  expect(seen).toEqual([4, 3, 2, 1, 0].map((turn) => `Hats ${turn}`));
  for (const query of ["limit=0", "limit=501", "limit=x", "before=x"])
    await expect(entriesOf(world, `merchant=${world.merchant}&${query}`)).rejects.toThrow("400");
});
