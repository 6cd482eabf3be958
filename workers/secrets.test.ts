import { afterEach, expect, test, vi } from "vitest";
import { database } from "../migrations/database.ts";
import { api } from "./api.ts";
import { bindings, freshEmail, HOME, PASSWORD } from "./auth-fixture.ts";
import { collectRoutes } from "./collect-routes.ts";
import type { Env } from "./env.ts";
import { missingSecrets, reportMissingSecrets, SECRETS, type Secret } from "./secrets.ts";

const names = Object.keys(SECRETS) as Secret[];
const lacking = (...missing: Secret[]): Env =>
  Object.fromEntries(Object.entries(bindings).filter(([name]) => !missing.includes(name as Secret))) as unknown as Env;

afterEach(() => vi.restoreAllMocks());

test("a server says which secrets it lacks, all at once, and nothing of those that it has", async () => {
  const health = async (env: Env) => {
    const response = await api.request(`${HOME}/api/health`, {}, env);
    return [response.status, await response.json()];
  };
  expect(await health(bindings)).toEqual([200, { ok: true }]);
  for (const name of names) expect(await health(lacking(name))).toEqual([503, { ok: false, missing: [name] }]);
  expect(await health(lacking(...names))).toEqual([503, { ok: false, missing: names }]);
});

test("what is set and too short to be one is missing too", () => {
  for (const name of names) {
    const short = { ...bindings, [name]: "x".repeat(SECRETS[name] - 1) };
    expect(missingSecrets(short)).toEqual([name]);
    expect(missingSecrets({ ...short, [name]: "x".repeat(SECRETS[name]) })).toEqual([]);
  }
});

test("the log names them when the server begins", () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  reportMissingSecrets(lacking("AUTH_SECRET", "INGEST_TOKEN"));
  reportMissingSecrets(lacking("AUTH_SECRET", "INGEST_TOKEN"));
  expect(error.mock.calls).toEqual([['{"event":"not_configured","missing":["INGEST_TOKEN","AUTH_SECRET"]}']]);
});

test("without a secret, the door that it keeps stays shut to whatever is shown", async () => {
  const shown = [
    "",
    "undefined",
    "null",
    "Bearer",
    "Bearer ",
    "Bearer undefined",
    "Bearer null",
    "Bearer [object Object]",
  ];
  for (const authorization of shown) {
    const headers = { authorization };
    const [status] = [(await api.request(`${HOME}/api/v1/me`, { headers }, lacking("OPERATOR_TOKEN"))).status];
    expect([authorization, status]).toEqual([authorization, 503]);
    for (const env of [lacking("INGEST_TOKEN"), { ...bindings, INGEST_TOKEN: "" }]) {
      const request = new Request(`${HOME}/e`, { method: "POST", headers, body: "[]" });
      const collected = await collectRoutes(request, env, "/e");
      expect([authorization, collected.status]).toEqual([authorization, 401]);
    }
  }
  await database(bindings)`INSERT INTO merchants (id, name, zone, currency, domains)
    VALUES ('m_secrets', 'Hats', 'Europe/Berlin', 'EUR', '{}') ON CONFLICT DO NOTHING`;
  // Whoever is named by an id waits for the secret that keys its hash; others do not.
  for (const [user, status] of [["ann", 503] as const, [undefined, 202] as const]) {
    const body = JSON.stringify({ merchant: "m_secrets", name: "pageview", url: "https://shop.example/", user });
    const request = new Request(`${HOME}/e`, { method: "POST", body, headers: { "cf-connecting-ip": "192.0.2.7" } });
    expect((await collectRoutes(request, lacking("VISITOR_SECRET"), "/e")).status).toBe(status);
  }
  const init = { method: "POST", body: JSON.stringify({ token: "undefined" }) };
  expect((await api.request(`${HOME}/api/v1/session`, init, lacking("OPERATOR_TOKEN"))).status).toBe(503);
  const body = JSON.stringify({ email: freshEmail(), password: PASSWORD });
  const signIn = await api.request(`${HOME}/api/auth/sign-in/email`, { method: "POST", body }, lacking("AUTH_SECRET"));
  expect([signIn.status, await signIn.text()]).toEqual([503, expect.stringContaining("AUTH_SECRET")]);
});
