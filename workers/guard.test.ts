import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { expect, test } from "vitest";
import type { Env } from "./env.ts";
import { guard, sessionRoutes } from "./guard.ts";

const bindings: Env = { ...(env as unknown as Env), OPERATOR_TOKEN: "the token" };
const HOME = "https://shop.example";

const app = new Hono<{ Bindings: Env }>();
app.route("/session", sessionRoutes());
app.use(guard);
app.all("/thing", (c) => c.text("let in"));

const send = (path: string, init: RequestInit = {}, world: Env = bindings) =>
  app.request(`${HOME}${path}`, init, world);
const signIn = (token: unknown, headers: Record<string, string> = {}) =>
  send("/session", { method: "POST", body: JSON.stringify({ token }), headers });

const sessionOf = (response: Response): string => response.headers.get("set-cookie")!.split(";")[0]!;

test("a bearer token lets in; none, or another, is refused with what to do", async () => {
  expect(await (await send("/thing", { headers: { authorization: "bearer  the" } })).json()).toMatchObject({
    error: { reason: "unauthorized" },
  });
  const without = await send("/thing");
  expect(without.status).toBe(401);
  expect(without.headers.get("www-authenticate")).toContain("Bearer");
  expect(await without.json()).toMatchObject({ error: { message: expect.stringContaining("Authorization: Bearer") } });
});

test("a token is compared whole", async () => {
  const world = { ...bindings, OPERATOR_TOKEN: "abc123" };
  for (const token of ["abc12", "abc1234", "ABC123", ""]) {
    expect((await send("/thing", { headers: { authorization: `Bearer ${token}` } }, world)).status).toBe(401);
  }
  expect((await send("/thing", { headers: { authorization: "Bearer abc123" }, method: "POST" }, world)).status).toBe(
    200,
  );
});

test("signing in sets a cookie that scripts cannot read and that is not the token", async () => {
  const signedIn = await signIn("the token", { origin: HOME });
  expect(signedIn.status).toBe(204);
  const cookie = signedIn.headers.get("set-cookie")!;
  for (const attribute of ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"]) expect(cookie).toContain(attribute);
  expect(decodeURIComponent(cookie)).not.toContain("the token");
  const headers = { cookie: sessionOf(signedIn) };
  expect((await send("/thing", { headers })).status).toBe(200);
  expect((await send("/session", { headers })).status).toBe(204);
  expect((await send("/session")).status).toBe(401);
  const plain = await app.request(
    "http://localhost/session",
    { method: "POST", body: '{"token":"the token"}' },
    bindings,
  );
  expect(plain.headers.get("set-cookie")).not.toContain("Secure");
});

test("what a session does must come from our own pages; reading may be any navigation", async () => {
  const cookie = sessionOf(await signIn("the token"));
  const status = async (init: RequestInit) =>
    (await send("/thing", { ...init, headers: { cookie, ...(init.headers as object) } })).status;
  expect(await status({ method: "POST", headers: { origin: HOME } })).toBe(200);
  expect(await status({ method: "POST", headers: { origin: "https://evil.example" } })).toBe(403);
  expect(await status({ method: "POST" })).toBe(403);
  expect(await status({ headers: { origin: "https://evil.example" } })).toBe(200);
  expect(await status({ headers: { origin: "https://evil.example", upgrade: "websocket" } })).toBe(403);
  expect(await status({ headers: { origin: HOME, upgrade: "WebSocket" } })).toBe(200);
  expect((await signIn("the token", { origin: "https://evil.example" })).status).toBe(403);
});

test("a changed token ends sessions, and signing out removes the cookie", async () => {
  const cookie = sessionOf(await signIn("the token"));
  expect((await send("/thing", { headers: { cookie } }, { ...bindings, OPERATOR_TOKEN: "another" })).status).toBe(401);
  const out = await send("/session", { method: "DELETE" });
  expect(out.status).toBe(204);
  expect(out.headers.get("set-cookie")).toMatch(/Max-Age=0/);
});

test("bad sign-ins are told so", async () => {
  expect((await signIn("wrong")).status).toBe(401);
  for (const token of [7, "", undefined]) expect((await signIn(token)).status).toBe(400);
  expect((await send("/session", { method: "POST", body: "{" })).status).toBe(400);
  expect((await send("/session", { method: "POST", body: " ".repeat(5_000) })).status).toBe(413);
});

test("a server without a token lets nobody in", async () => {
  const world = { ...bindings, OPERATOR_TOKEN: "" };
  expect((await send("/thing", { headers: { authorization: "Bearer x" } }, world)).status).toBe(503);
  expect((await send("/session", { method: "POST", body: '{"token":"x"}' }, world)).status).toBe(503);
});
