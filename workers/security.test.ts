// Whatever is sent to whichever route: an answer that is meant, in the API's one shape, with nothing of our insides in it, not open to
// other sites; and nothing is changed that should not be. The routes are the router's own.

import { expect, test } from "vitest";
import { makeWorld } from "./access-fixture.ts";
import {
  ask,
  askerOf,
  expectSound,
  filled,
  HOSTILE_IDS,
  idIn,
  nameOf,
  parametersOf,
  ROUTES,
  type Sent,
} from "./security-fixture.ts";

const nested = (depth: number, open: string, close: string): string =>
  open.repeat(depth) + (open.endsWith(":") ? "1" : "") + close.repeat(depth);

const POLLUTING = `{"__proto__":{"polluted":true,"role":"owner"},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true}}`;
const NUL = String.raw`"a\u0000b"`;

/** What no route takes for what it wants. */
const BODIES: [string, Sent][] = [
  ["nothing", { body: "" }],
  ["half of JSON", { body: '{"name":' }],
  ["null", { body: "null" }],
  ["a list", { body: "[[]]" }],
  ["a text", { body: '"x"' }],
  ["a number", { body: "1e400" }],
  ["prototypes", { body: POLLUTING }],
  ["lists in lists", { body: nested(7_000, "[", "]") }],
  ["objects in objects", { body: nested(2_500, '{"a":', "}") }],
  ["filters in filters", { body: `{"filters":${nested(5_000, "[", "]")},"rules":${nested(500, '{"a":', "}")}}` }],
  ["bytes that are no text", { body: new Uint8Array([0xff, 0xfe, 0x00, 0xd8]) }],
  ["more than is taken", { body: `{"name":"${"x".repeat(1_100_000)}"}` }],
  ["a form", { body: "name=x&role=owner", headers: { "content-type": "application/x-www-form-urlencoded" } }],
  [
    "files",
    {
      body: '--b\r\ncontent-disposition: form-data; name="x"; filename="a\r\nb"\r\n\r\nx\r\n--b--',
      headers: { "content-type": "multipart/form-data; boundary=b" },
    },
  ],
  [
    "a document",
    {
      body: "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
      headers: { "content-type": "text/xml" },
    },
  ],
  ["what says it is packed", { body: "{}", headers: { "content-encoding": "gzip" } }],
  [
    "many headers",
    { body: "{}", headers: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, "y".repeat(100)])) },
  ],
  [
    "words that say who it is",
    {
      body: "{}",
      headers: {
        "x-forwarded-host": "evil.example",
        "x-original-url": "/api/ops/status",
        "x-http-method-override": "DELETE",
        forwarded: "host=evil.example",
      },
    },
  ],
];

const QUERIES = [
  "?__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__.polluted=1",
  "?merchant=&merchant=m_a&organisation=a&organisation[]=b&date=&from=&to=&cursor=&kind=&key=&expires=&signature=&query=",
  "?merchant='&organisation='%20OR%20'1'='1&date='&from='&to=';--&cursor='&kind='&key='&token='&format='&metrics='&date_range='",
  "?merchant=%00&organisation=%00&date=%00&cursor=%00&key=%00&token=%00&from=%00&to=%00",
  "?merchant=%0d%0ax&organisation=%0d%0ax&cursor=%0d%0ax&key=%0d%0ax&token=%0d%0ax&format=%0d%0ax&if=%0d%0ax",
  `?organisation=${"a".repeat(5_000)}&cursor=${"a".repeat(5_000)}&shard=1e99&expires=1e99&limit=-1&query=${"%7B".repeat(500)}`,
  "?%&%zz=%zz&=&&&",
];

const isClean = (): boolean =>
  Object.keys(Object.prototype).length === 0 && !("polluted" in {}) && !("polluted" in Function.prototype);

test.each(ROUTES.map((route) => [nameOf(route), route] as const))("%s takes whatever is sent", async (name, route) => {
  const world = await makeWorld();
  const path = filled(route, (parameter) => idIn(world, route, parameter));
  for (const asker of [askerOf(route), "nobody"] as const) {
    for (const [what, sent] of BODIES) {
      if (route.method === "GET" && sent.headers === undefined) continue;
      await expectSound(await ask(world, asker, { ...route, path }, sent), `${name}: ${what}`);
    }
    for (const query of QUERIES)
      await expectSound(await ask(world, asker, { ...route, path }, { body: "{}", query }), `${name}${query}`);
  }
  expect(isClean()).toBe(true);
});

const withIds = ROUTES.filter((route) => parametersOf(route).length > 0);

test.each(withIds.map((route) => [nameOf(route), route] as const))(
  "%s finds nothing by hostile ids",
  async (name, route) => {
    const world = await makeWorld();
    for (const at of parametersOf(route)) {
      for (const id of HOSTILE_IDS) {
        const path = filled(route, (parameter) => (parameter === at ? id : idIn(world, route, parameter)));
        const response = await ask(world, askerOf(route), { ...route, path }, { body: "{}" });
        expect([name, at, id, response.headers.has("set-cookie")]).toEqual([name, at, id, false]);
        await expectSound(response, `${name}: ${at} is ${id}`);
        // Of a merchant that there is, the runs and versions and files of no name: an empty list at the most.
        if (!path.endsWith("/raw"))
          expect([id, response.status]).toEqual([id, expect.toSatisfy((status: number) => status >= 400)]);
      }
    }
  },
);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];

test("other methods find nothing, and are told nothing of other sites", async () => {
  const world = await makeWorld();
  const byPath = Map.groupBy(ROUTES, ({ path }) => path);
  for (const [path, routes] of byPath) {
    const known = routes.map(({ method }) => method);
    const unknown = METHODS.filter((method) => !known.includes(method));
    await Promise.all(
      unknown.map(async (method) => {
        const route = { method, path: filled({ method, path }, (name) => idIn(world, { method, path }, name)) };
        const response = await ask(world, askerOf(route), route, {
          body: "{}",
          headers: { "access-control-request-method": "POST" },
        });
        await expectSound(response, `${method} ${path}`);
        // Where another route's parameter takes the path's last piece, it finds nothing of that name.
        expect([method, path, response.status]).toEqual([
          method,
          path,
          expect.toSatisfy((s: number) => s >= 400 && s < 500),
        ]);
      }),
    );
  }
});

test("names with a NUL are refused, not an outage", async () => {
  const world = await makeWorld();
  const bodies: Record<string, string> = {
    [`/api/v1/organisations/${world.organisation}`]: `{"name":${NUL}}`,
    [`/api/v1/merchants/${world.merchant}`]: `{"name":${NUL}}`,
  };
  for (const [path, body] of Object.entries(bodies)) {
    const response = await ask(world, "owner", { method: "PATCH", path }, { body });
    await expectSound(response, path);
    expect(response.status).toBe(400);
  }
});
