// What is answered about segments, annotations and links is as described.

import { beforeAll, expect, test } from "vitest";
import { database } from "../migrations/database.ts";
import { bindings, exchange, post, unseen } from "./openapi-fixture.ts";

const MERCHANT = "m_shared";
const at = (path: string): string => `/api/v1/merchants/${MERCHANT}/${path}`;
const route = (method: string, path: string): string => `${method} /api/v1/merchants/:id/${path}`;
const patch = (body: object) => ({ ...post(body), method: "PATCH" });
const DELETE = { method: "DELETE" };

beforeAll(async () => {
  await database(bindings)`INSERT INTO merchants (id, name, zone, currency, domains)
    VALUES (${MERCHANT}, 'Shared', 'Europe/Berlin', 'EUR', '{}') ON CONFLICT DO NOTHING`;
});

test("segments", async () => {
  const make = route("POST", "segments");
  const filters = [["is", "country", ["DE"]]];
  const { id } = await exchange<{ id: string }>(make, at("segments"), {
    ...post({ name: "Germany", filters }),
    status: 201,
  });
  await exchange(make, at("segments"), { ...post({ name: "Germany", filters: [] }), status: 400 });
  await exchange(route("GET", "segments"), at("segments"));
  await exchange(route("PATCH", "segments/:segment"), at(`segments/${id}`), patch({ name: "DE" }));
  const remove = route("DELETE", "segments/:segment");
  await exchange(remove, at(`segments/${id}`), { ...DELETE, status: 204 });
  await exchange(remove, at(`segments/${id}`), { ...DELETE, status: 404 });
});

test("annotations", async () => {
  const make = route("POST", "annotations");
  const body = { date: "2026-11-27", hour: 9, text: "Sale" };
  const { id } = await exchange<{ id: string }>(make, at("annotations"), { ...post(body), status: 201 });
  await exchange(make, at("annotations"), { ...post({ ...body, hour: 25 }), status: 400 });
  await exchange(route("GET", "annotations"), at("annotations?from=2026-11-01"));
  await exchange(route("GET", "annotations"), at("annotations?from=now"), { status: 400 });
  await exchange(route("PATCH", "annotations/:annotation"), at(`annotations/${id}`), patch({ hour: null }));
  await exchange(route("DELETE", "annotations/:annotation"), at(`annotations/${id}`), { ...DELETE, status: 204 });
});

test("shared links, and what opening one gives", async () => {
  const make = route("POST", "links");
  const password = "correct horse";
  const body = { name: "Board", password, expires_at: "2099-01-01T00:00:00Z", origins: ["https://shop.example"] };
  const { id } = await exchange<{ id: string }>(make, at("links"), { ...post(body), status: 201 });
  await exchange(make, at("links"), { ...post({ ...body, public: true }), status: 400 });
  const open = "POST /api/v1/links/:id/open";
  const opening = `/api/v1/links/${id}/open`;
  await exchange(open, opening, { ...post({ password }) });
  await exchange(open, opening, { ...post({ password: "wrong" }), status: 401 });
  await exchange(open, "/api/v1/links/l_none/open", { ...post({}), status: 404 });
  await exchange(route("PATCH", "links/:link"), at(`links/${id}`), patch({ name: "Bank" }));
  await exchange(route("DELETE", "links/:link"), at(`links/${id}`), { ...DELETE, status: 204 });
  await exchange(route("PATCH", "links/:link"), at(`links/${id}`), { ...patch({ name: "B" }), status: 409 });
  await exchange(route("GET", "links"), at("links"));
  await exchange(route("GET", "links"), "/api/v1/merchants/m_none/links", { status: 404 });
});

test("of every route an answer has been seen", () => {
  expect(unseen("sharing")).toEqual([]);
});
