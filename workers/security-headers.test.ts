// What goes into headers, logs and files that others read: no line of its own making, no rule of another's policy, no formula.

import { afterEach, expect, test, vi } from "vitest";
import { makeWorld } from "./access-fixture.ts";
import { api } from "./api.ts";
import { bindings, HOME } from "./auth-fixture.ts";
import { formatted } from "./formats.ts";
import { ask, expectSound, filled, idIn, ROUTES } from "./security-fixture.ts";

afterEach(() => vi.restoreAllMocks());

const LINES = ["a%0d%0aset-cookie:%20planted=1", "a%0a%7B%22event%22:%22planted%22%7D", "a%E2%80%A8b", "a%1b[2Jb"];

test("the log: whatever is asked for, each entry is one line", async () => {
  const entries: unknown[] = [];
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...said) => void entries.push(...(said as unknown[])));
  const world = await makeWorld();
  // Postgres and the secret are away, so that all that can be said is said.
  const away = { ...bindings, DATABASE_URL: "", AUTH_SECRET: "" };
  for (const line of LINES) {
    for (const { method, path } of ROUTES) {
      const address = filled({ method, path }, () => line);
      const headers = { origin: HOME, authorization: `Bearer ${bindings.OPERATOR_TOKEN}`, "user-agent": "x" };
      const body = method === "GET" ? {} : { body: JSON.stringify({ name: "a\nb", email: "a\nb@example.com" }) };
      await api.request(`${HOME}${address}?cursor=${line}&key=${line}&expires=1`, { method, headers, ...body }, away);
      await (await ask(world, "owner", { method, path: address }, { body: "{}" })).body?.cancel();
    }
  }
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    expect(entry).toEqual(expect.any(String));
    // oxlint-disable-next-line no-control-regex -- that there are none is what is tested
    expect(entry).not.toMatch(/[\u0000-\u001f]/);
  }
});

test("headers: what was asked for stands in none of them but as it was meant", async () => {
  const world = await makeWorld();
  for (const line of LINES) {
    for (const route of ROUTES) {
      const path = filled(route, (name) => (name === "id" ? idIn(world, route, name) : line));
      const response = await ask(world, "owner", { ...route, path }, { body: "{}", query: `?format=${line}` });
      const headers = [...response.headers].filter(([name]) => name !== "set-cookie").flat();
      expect([route.path, headers.join("\n")]).toEqual([route.path, expect.not.stringContaining("planted")]);
      await response.body?.cancel();
    }
  }
});

test("files: their names hold nothing but what names hold", () => {
  for (const merchant of ['a"; filename="b.exe', "a\r\nset-cookie: planted=1", "../../etc/passwd", "ä😀"]) {
    const answer = {
      results: [],
      meta: { fresh_to: null, stale: null },
      query: { merchant, metrics: ["visitors"], dimensions: ['x"\r\ny'], date_range: ["2026-01-01", "2026-01-02"] },
    };
    const { headers } = formatted(JSON.stringify(answer), "csv");
    expect(headers["content-disposition"]).toMatch(/^attachment; filename="[\w.-]+"$/);
  }
});

test("the policy of a shared page: an origin cannot bring a rule of its own", async () => {
  const world = await makeWorld();
  const path = `/api/v1/merchants/${world.merchant}/links`;
  for (const origin of [
    "https://x;script-src",
    "https://x;report-uri",
    "https://x,default-src",
    "https://x'unsafe-inline'",
    "https://*.example",
    "https://*",
    "https://a.example https://b.example",
    "https://a.example\r\nset-cookie: planted=1",
    "data:text/html,x",
    "javascript:alert(1)",
    "null",
    "'self'",
  ]) {
    const body = JSON.stringify({ name: "Board", origins: [origin, "https://evil.example"] });
    const response = await ask(world, "owner", { method: "POST", path }, { body });
    expect([origin, response.status, await expectSound(response, origin)]).toEqual([origin, 400, expect.any(String)]);
  }
  const right = JSON.stringify({
    name: "Board",
    origins: ["https://a-b.example:8443", "http://localhost:3000"],
  });
  expect((await ask(world, "owner", { method: "POST", path }, { body: right })).status).toBe(201);
});
