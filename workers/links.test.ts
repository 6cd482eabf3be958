import { expect, test } from "vitest";
import { database } from "../migrations/database.ts";
import { bindings, HOME } from "./auth-fixture.ts";
import { forgetLink } from "./links-store.ts";
import type { OpenedLink } from "./link-opening.ts";
import type { LinkView } from "../core/link-view.ts";
import { sharePage } from "./share-page.ts";
import { makeSharing, type Sharing } from "./sharing-fixture.ts";

interface Refused {
  error: { reason: string; pointer: string };
}

async function made(world: Sharing, body: object = {}): Promise<LinkView> {
  const { status, is } = await world.ask<LinkView>("admin", "POST", "links", { name: "Board", ...body });
  expect(status).toBe(201);
  return is;
}

const opening = (world: Sharing, id: string, body: object = {}) =>
  world.ask<OpenedLink & Refused>("nobody", "POST", `/api/v1/links/${id}/open`, body);

const reasonOf = async (asked: Promise<{ status: number; is: unknown }>) => {
  const { status, is } = await asked;
  return [status, (is as Refused | null)?.error?.reason];
};

test("a link opens one merchant's reports, goals and notes, and nothing else of it, nor anything of another one", async () => {
  const [world, elsewhere] = await Promise.all([makeSharing(), makeSharing()]);
  const link = await made(world);
  const { is, status, headers } = await opening(world, link.id);
  expect(status).toBe(200);
  expect(headers.getSetCookie()).toEqual([]);
  expect(headers.get("cache-control")).toContain("no-store");
  expect(is).toMatchObject({
    public: false,
    shared_by: world.secret,
    merchant: { id: world.merchant, currency: "EUR" },
  });
  expect((await world.query(is)).is.results[0]!.metrics).toEqual([3]);
  for (const path of ["goals", "annotations"]) expect((await world.ask(is, "GET", path)).status).toBe(200);
  for (const path of ["", "rules", "books", "segments", "links", "files?kind=raw&from=2026-01-01&to=2026-01-02"])
    expect(await reasonOf(world.ask(is, "GET", path.replace(/^$/, `/api/v1/merchants/${world.merchant}`)))).toEqual([
      403,
      "shared_link",
    ]);
  for (const path of ["/api/v1/me", "/api/v1/merchants", "/api/v1/organisations", "/api/ops/status", "/api/graphql"])
    expect(await reasonOf(world.ask(is, "GET", path))).toEqual([403, "shared_link"]);
  expect(await reasonOf(world.ask(is, "POST", "annotations", { date: "2026-01-01", text: "a" }))).toEqual([
    403,
    "shared_link",
  ]);
  expect(await reasonOf(elsewhere.query(is))).toEqual([404, "unknown_merchant"]);
  for (const path of ["goals", "annotations"])
    expect(await reasonOf(elsewhere.ask(is, "GET", path))).toEqual([404, "unknown_merchant"]);
});

test("a password is asked for, and kept as accounts' are; another one ends what was opened with the first", async () => {
  const world = await makeSharing();
  const { id } = await made(world, { password: "open sesame" });
  const [row] = await database(bindings)`SELECT password_hash FROM links WHERE id = ${id}`;
  expect(row!["password_hash"]).toMatch(/^scrypt\$/);
  expect(JSON.stringify((await world.ask("admin", "GET", "links")).is)).not.toMatch(/scrypt|sesame/);
  expect(await reasonOf(opening(world, id))).toEqual([401, "password_needed"]);
  expect(await reasonOf(opening(world, id, { password: "open barley" }))).toEqual([401, "wrong_password"]);
  const { is } = await opening(world, id, { password: "open sesame" });
  expect((await world.query(is)).status).toBe(200);
  const changed = await world.ask<LinkView>("admin", "PATCH", `links/${id}`, { password: "open wheat" });
  expect(changed.is).toMatchObject({ password: true, name: "Board" });
  expect(await reasonOf(world.query(is))).toEqual([401, "link_to_open"]);
  expect(await reasonOf(opening(world, id, { password: "open sesame" }))).toEqual([401, "wrong_password"]);
  expect((await opening(world, id, { password: "open wheat" })).status).toBe(200);
  await world.ask("admin", "PATCH", `links/${id}`, { password: null });
  expect((await opening(world, id)).status).toBe(200);
});

test("guessing a password ends, and the right one does not help then; others may still open the link", async () => {
  const [world, other] = await Promise.all([makeSharing(), makeSharing()]);
  const { id } = await made(world, { password: "open sesame" });
  for (let guess = 0; guess < 10; guess++)
    expect(await reasonOf(opening(world, id, { password: `guess ${guess}` }))).toEqual([401, "wrong_password"]);
  const stopped = await opening(world, id, { password: "open sesame" });
  expect(stopped).toMatchObject({ status: 429, is: { error: { reason: "too_many_attempts" } } });
  expect(Number(stopped.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await opening(other, id, { password: "open sesame" })).status).toBe(200);
});

test("withdrawn or expired, a link opens nothing any more, says why, and ends what was opened", async () => {
  const world = await makeSharing();
  const [withdrawn, expired] = [await made(world), await made(world, { expires_at: "2099-01-01T00:00:00Z" })];
  const tokens = [(await opening(world, withdrawn.id)).is, (await opening(world, expired.id)).is];
  for (const token of tokens) expect((await world.query(token)).status).toBe(200);
  expect((await world.ask("admin", "DELETE", `links/${withdrawn.id}`)).status).toBe(204);
  expect((await world.ask("admin", "DELETE", `links/${withdrawn.id}`)).status).toBe(204);
  await database(bindings)`UPDATE links SET expires_at = now() WHERE id = ${expired.id}`;
  forgetLink(expired.id);
  expect(await reasonOf(world.query(tokens[0]!))).toEqual([401, "link_revoked"]);
  expect(await reasonOf(world.query(tokens[1]!))).toEqual([401, "link_expired"]);
  expect(await reasonOf(opening(world, withdrawn.id))).toEqual([401, "link_revoked"]);
  expect(await reasonOf(opening(world, expired.id))).toEqual([401, "link_expired"]);
  expect(await reasonOf(opening(world, "l_none"))).toEqual([404, "unknown_link"]);
  const { links } = (await world.ask<{ links: LinkView[] }>("admin", "GET", "links")).is;
  const states = Object.fromEntries(links.map(({ id, state }) => [id, state]));
  expect([states[withdrawn.id], states[expired.id]]).toEqual(["revoked", "expired"]);
  const again = { expires_at: null };
  expect((await world.ask("admin", "PATCH", `links/${expired.id}`, again)).is).toMatchObject({ state: "open" });
  expect(await reasonOf(world.ask("admin", "PATCH", `links/${withdrawn.id}`, again))).toEqual([409, "link_revoked"]);
});

test("a merchant that is given to others takes no links along", async () => {
  const world = await makeSharing();
  const { id } = await made(world);
  const { is } = await opening(world, id);
  const to = { organisation: world.elsewhere };
  await world.ask("operator", "POST", `/api/v1/merchants/${world.merchant}/transfer`, to);
  expect(await reasonOf(world.query(is))).toEqual([401, "link_revoked"]);
});

test("a deleted merchant's links open nothing", async () => {
  const world = await makeSharing();
  const { id } = await made(world);
  await world.ask("owner", "DELETE", `/api/v1/merchants/${world.merchant}`);
  expect(await reasonOf(opening(world, id))).toEqual([404, "unknown_link"]);
});

test("links of a merchant cannot be changed or withdrawn by another one's admins; changes stand in the record, secrets do not", async () => {
  const [world, elsewhere] = await Promise.all([makeSharing(), makeSharing()]);
  const { id } = await made(world, { password: "open sesame" });
  expect((await elsewhere.ask("owner", "PATCH", `links/${id}`, { password: null })).status).toBe(404);
  expect((await elsewhere.ask("owner", "DELETE", `links/${id}`)).status).toBe(404);
  expect(await reasonOf(opening(world, id))).toEqual([401, "password_needed"]);
  await world.ask("admin", "PATCH", `links/${id}`, { name: "Bank" });
  await world.ask("admin", "DELETE", `links/${id}`);
  const entries = await database(bindings)`
    SELECT action, who, organisation, subject FROM audit_log WHERE merchant = ${world.merchant} ORDER BY id`;
  expect(entries.map(({ action }) => action as string)).toEqual(["link made", "link changed", "link revoked"]);
  expect(entries[1]).toMatchObject({
    organisation: world.organisation,
    subject: { before: { name: "Board", password: true }, after: { name: "Bank" } },
  });
  expect(JSON.stringify(entries)).not.toMatch(/scrypt|sesame|l_/);
});

test("what makes no sense is refused", async () => {
  const world = await makeSharing();
  const refused = async (body: object) =>
    (await world.ask<Refused>("admin", "POST", "links", { name: "a", ...body })).is.error.pointer;
  expect(await refused({ password: "short" })).toBe("#/password");
  expect(await refused({ password: "open sesame", public: true })).toBe("#/public");
  expect(await refused({ expires_at: "2020-01-01T00:00:00Z" })).toBe("#/expires_at");
  for (const origin of ["shop.example", "https://*.shop.example", "https://shop.example/path", "javascript:alert(1)"])
    expect(await refused({ origins: [origin] })).toBe("#/origins/0");
  // These are hosts, for all that the standard of URLs says.
  for (const host of ["*", "a;script-src", "'self'", "a,b", "shop.example; script-src *"])
    expect(await refused({ origins: [`https://${host}`] })).toBe("#/origins/0");
  const { id } = await made(world, { password: "open sesame" });
  expect(await reasonOf(world.ask("admin", "PATCH", `links/${id}`, { public: true }))).toEqual([400, "invalid"]);
});

const PAGE = '<html><head><meta name="robots" content="noindex"></head><body></body></html>';
const ASSETS = {
  fetch: async () =>
    new Response(PAGE, {
      headers: { "content-type": "text/html", "content-security-policy": "default-src 'self'; frame-ancestors 'none'" },
    }),
} as unknown as Fetcher;

async function pageOf(id: string) {
  const page = await sharePage(new Request(`${HOME}/share/${id}?range=7d`), { ...bindings, ASSETS });
  return { policy: page.headers.get("content-security-policy"), text: await page.text() };
}

test("a link's page may stand in frames of the sites that it names, and of no others; search engines see public ones", async () => {
  const world = await makeSharing();
  const nowhere = "default-src 'self'; frame-ancestors 'none'";
  const plain = await made(world);
  expect(await pageOf(plain.id)).toEqual({ policy: nowhere, text: PAGE });
  const framed = await made(world, { origins: ["https://shop.example", "https://blog.example:8443/"] });
  expect((await pageOf(framed.id)).policy).toBe(
    "default-src 'self'; frame-ancestors https://shop.example https://blog.example:8443",
  );
  await world.ask("admin", "DELETE", `links/${framed.id}`);
  for (const id of [framed.id, "l_none", "", "l_1/x"]) expect((await pageOf(id)).policy).toBe(nowhere);
  const open = await made(world, { public: true });
  expect((await pageOf(open.id)).text).not.toContain("noindex");
});
