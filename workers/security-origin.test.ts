// Pages of other sites: what a browser sends along for them opens nothing, whether they say where they are or not; no answer of the API
// is theirs to read; and the only doors that are open to them are those through which their visitors' events come.

import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { makeWorld, type World } from "./access-fixture.ts";
import { api } from "./api.ts";
import { bindings, browser, HOME, PASSWORD, signedUp } from "./auth-fixture.ts";
import { totpCode } from "./auth-totp.ts";
import type { Env } from "./env.ts";
import { ask, expectSound, filled, idIn, nameOf, type Route, ROUTES } from "./security-fixture.ts";

const worker = (exports as unknown as { default: Fetcher }).default;
const EVIL = "https://evil.example";

/** What no cookie opens: who uses them shows a token, a password or nothing. */
const WITHOUT_COOKIES = ["POST /api/v1/session", "DELETE /api/v1/session", "POST /api/v1/links/:id/open"];

const changing = ROUTES.filter((route) => route.method !== "GET" && !WITHOUT_COOKIES.includes(nameOf(route)));
const placed = (world: World, route: Route): Route => ({
  ...route,
  path: filled(route, (name) => idIn(world, route, name)),
});

async function operatorCookie(): Promise<string> {
  const body = JSON.stringify({ token: bindings.OPERATOR_TOKEN });
  const response = await api.request(`${HOME}/api/v1/session`, { method: "POST", body }, bindings);
  return response.headers.get("set-cookie")!.split(";")[0]!;
}

/** As a form, a picture, a script or an old browser would ask for a page elsewhere. */
const FROM_ELSEWHERE: Record<string, string | undefined>[] = [
  { origin: undefined, referer: `${EVIL}/`, "sec-fetch-site": "cross-site" },
  { origin: EVIL },
  { origin: "null" },
  { origin: `${HOME}.evil.example` },
  { origin: HOME.replace("https:", "http:") },
  { origin: `${HOME}:444` },
  { origin: EVIL, "content-type": "text/plain", referer: `${HOME}/` },
  { origin: EVIL, "x-forwarded-host": "evil.example", host: "evil.example" },
];

test.each([...changing, { method: "GET", path: "/live" }].map((route) => [nameOf(route), route] as const))(
  "a page elsewhere cannot use a cookie: %s",
  async (_, route) => {
    const world = await makeWorld();
    const { cookie = "" } = await world.headersOf("owner");
    const cookies = [cookie, ...(route.path.startsWith("/api/auth") ? [] : [await operatorCookie()])];
    for (const each of cookies) {
      for (const headers of FROM_ELSEWHERE) {
        const { method, path } = placed(world, route);
        const request = new Request(HOME + path, { method, ...(method === "GET" ? {} : { body: "{}" }) });
        const all = { cookie: each, "content-type": "application/json", ...headers };
        for (const [name, value] of Object.entries(all)) if (value !== undefined) request.headers.set(name, value);
        if (path === "/live") request.headers.set("upgrade", "websocket");
        const response = await api.fetch(request, bindings, { waitUntil() {}, passThroughOnException() {}, props: {} });
        const text = await expectSound(response, nameOf(route));
        expect([headers, response.status, text]).toEqual([headers, 403, expect.stringContaining('"foreign_origin"')]);
      }
    }
  },
);

test("nobody is signed in from a page elsewhere, with or without a cookie of their own", async () => {
  const { email } = await signedUp();
  const victim = browser();
  const body = { email, password: PASSWORD };
  const signIn = await victim.send("POST", "/api/auth/sign-in/email", body, { origin: EVIL });
  const operator = await victim.send("POST", "/api/v1/session", { token: bindings.OPERATOR_TOKEN }, { origin: EVIL });
  expect([signIn.status, operator.status, victim.cookies.size]).toEqual([403, 403, 0]);
});

test("no answer is open to other sites, and no preflight allows anything", async () => {
  const world = await makeWorld();
  for (const route of ROUTES) {
    const path = filled(route, (name) => idIn(world, route, name));
    const headers = {
      origin: EVIL,
      "access-control-request-method": route.method,
      "access-control-request-headers": "authorization",
    };
    for (const method of new Set(["OPTIONS", ...(route.method === "GET" ? ["GET"] : [])])) {
      for (const asker of ["operator", "nobody"] as const)
        await expectSound(await ask(world, asker, { method, path }, { headers }), `${method} ${path}`);
    }
  }
});

test("events may come from any site, and no cookie with them", async () => {
  const asked: [string, RequestInit][] = [
    ["/e", { method: "OPTIONS" }],
    ["/e", { method: "POST", body: "{}" }],
    ["/e", { method: "POST", body: "{" }],
    ["/e", { method: "GET" }],
    ["/p.gif", {}],
  ];
  for (const [path, init] of asked) {
    const response = await worker.fetch(`${HOME}${path}`, { ...init, headers: { origin: EVIL, cookie: "a=b" } });
    const { headers } = response;
    const said = [headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")];
    expect([path, init.method, ...said, headers.get("set-cookie")]).toEqual([path, init.method, "*", null, null]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    await response.body?.cancel();
  }
});

/** Every cookie that is set on the way through an account, as it was set. */
async function cookiesSet(home: string): Promise<string[]> {
  const set: string[] = [];
  const { email, client } = await signedUp();
  const keep = async (response: Promise<Response>): Promise<Response> => {
    set.push(...(await response).headers.getSetCookie());
    return response;
  };
  const send = (who: ReturnType<typeof browser>, path: string, body: object) =>
    keep(who.send("POST", `/api/auth/${path}`, body));
  const enabled = await send(client, "two-factor/enable", { password: PASSWORD });
  const { totp_uri } = await enabled.json<{ totp_uri: string }>();
  await send(client, "two-factor/verify-totp", { code: await totpCode(totp_uri, Date.now()) });
  const other = browser();
  await send(other, "sign-in/email", { email, password: PASSWORD });
  await send(other, "two-factor/verify-totp", { code: "000000" });
  await send(other, "two-factor/verify-totp", { code: await totpCode(totp_uri, Date.now()) });
  await send(other, "change-password", { password: PASSWORD, new_password: "another horse battery" });
  await send(other, "sign-out", {});
  const operator = { method: "POST", body: JSON.stringify({ token: (env as unknown as Env).OPERATOR_TOKEN }) };
  for (const init of [operator, { method: "DELETE" }])
    await keep(Promise.resolve(api.request(`${home}/api/v1/session`, init, bindings)));
  return set;
}

test("cookies: not for scripts, over https only, with our own pages only, of this host only", async () => {
  const set = await cookiesSet(HOME);
  const names = new Set(set.map((cookie) => cookie.split("=", 1)[0]!));
  expect([...names]).toEqual(
    expect.arrayContaining([
      "__Secure-countinghouse.session_token",
      "__Secure-countinghouse.two_factor",
      "countinghouse_operator",
    ]),
  );
  for (const cookie of set) {
    const attributes = cookie.toLowerCase().split(/; */).slice(1);
    const needed = ["path=/", "secure", ...(attributes.includes("max-age=0") ? [] : ["samesite=strict", "httponly"])];
    expect([cookie, attributes]).toEqual([cookie, expect.arrayContaining(needed)]);
    expect(cookie).not.toMatch(/domain=/i);
  }
});
