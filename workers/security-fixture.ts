// For tests of security: the routes of the router, addresses filled in, what hostile clients put everywhere, and what every answer
// must be whatever was asked.

import { inspectRoutes } from "hono/dev";
import { expect } from "vitest";
import type { Asker, World } from "./access-fixture.ts";
import { api } from "./api.ts";
import { bindings, HOME } from "./auth-fixture.ts";

export interface Route {
  method: string;
  /** As the router has it. */
  path: string;
}

/** Those that do something by themselves; what stands before others is none. */
export const ROUTES: Route[] = [
  ...new Map(
    inspectRoutes(api)
      .filter(({ isMiddleware }) => !isMiddleware)
      .map(({ method, path }) => {
        const written = path.replace(/(.)\/$/, "$1");
        return [`${method} ${written}`, { method, path: written }];
      }),
  ).values(),
];

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

const PARAMETER = /:(\w+)(?:\{[^}]*\})?/g;

export const parametersOf = ({ path }: Route): string[] => [...path.matchAll(PARAMETER)].map(([, name]) => name!);

/** The path with these values in it, as they are. */
export const filled = ({ path }: Route, valueOf: (name: string) => string): string =>
  path.replaceAll(PARAMETER, (_, name: string) => valueOf(name));

/** What there is of the world by the name of a parameter; else nothing that there is. */
export function idIn(world: World, { path }: Route, name: string): string {
  if (name === "organisation") return world.organisation;
  if (name === "person") return world.member;
  if (name !== "id") return "none";
  if (path.includes("/merchants/")) return world.merchant;
  if (path.includes("/organisations/")) return world.organisation;
  if (path.includes("/invitations/")) return world.invitation;
  return "none";
}

/** Whoever gets furthest: what is about people needs one. */
export const askerOf = ({ path }: Route): Asker => (path.startsWith("/api/ops") ? "operator" : "owner");

export interface Sent {
  body?: BodyInit;
  headers?: Record<string, string>;
  query?: string;
}

let networks = 0;

/** From a network of its own each time, so that counting what is tried does not stand before what is tested. */
export async function ask(
  world: World,
  asker: Asker,
  { method, path }: Route,
  { body, headers = {}, query = "" }: Sent = {},
): Promise<Response> {
  return api.request(
    HOME + path + query,
    {
      method,
      headers: {
        origin: HOME,
        "content-type": "application/json",
        "cf-connecting-ip": `2001:db8:${(++networks).toString(16)}::1`,
        ...(path === "/live" ? { upgrade: "websocket" } : {}),
        ...(await world.headersOf(asker)),
        ...headers,
      },
      ...(body === undefined || method === "GET" || method === "HEAD" ? {} : { body }),
    },
    bindings,
  );
}

/** Where quotes, comments, paths, lines and prototypes would do harm. Each is one piece of a path as it is written there. */
export const HOSTILE_IDS = [
  "'",
  "'%20OR%20'1'='1",
  "x');DROP%20TABLE%20merchants;--",
  "$1",
  "%22%5C%60%24%7B7*7%7D",
  "%00",
  "m_a%00b",
  "%0d%0aset-cookie:%20planted=1",
  "%0a%7B%22event%22:%22planted%22%7D",
  "..%2f..%2fetc",
  "__proto__",
  "constructor",
  "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
  "%ff%fe",
  "%F0%9F%92%A3",
  "9".repeat(400),
  "-1",
  "1e9",
  "a".repeat(4_000),
];

/** Of a bug that shows: a place in the code, a name of an error, a word of Postgres or of the libraries. */
const INNARDS =
  /\bat \S+:\d+|\bat .+\(|node_modules|\.tsx?\b|\b(?:Type|Range|Reference|Syntax|Neon\w*|Zod)Error\b|invalid input syntax|violates \w+ constraint|sqlstate|better-auth|drizzle/i;

const HEADERS: Record<string, string> = {
  "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
};

/** Gives its text. A refusal has our shape, no answer tells of our insides, none is open to other sites. */
export async function expectSound(response: Response, what: string): Promise<string> {
  if (response.status === 101) {
    response.webSocket?.accept();
    response.webSocket?.close();
    return "";
  }
  const text = await response.text();
  expect(response.status, `${what}: ${text.slice(0, 300)}`).toBeLessThan(500);
  const names = [...response.headers.keys()];
  expect(
    names.filter((name) => name.startsWith("access-control-") || name === "server"),
    what,
  ).toEqual([]);
  expect(Object.fromEntries(Object.keys(HEADERS).map((name) => [name, response.headers.get(name)])), what).toEqual(
    HEADERS,
  );
  if (response.status < 400) return text;
  expect(text, what).not.toMatch(INNARDS);
  expect(response.headers.get("content-type"), what).toMatch(/^application\/(?:json|graphql-response\+json)/);
  const { error, errors } = JSON.parse(text) as { error?: object; errors?: object[] };
  if (errors === undefined) expect(typesIn(error), what).toEqual(SHAPE);
  else expect(typesIn(errors[0]), what).toMatchObject({ message: "string" });
  return text;
}

const SHAPE = { pointer: "string", reason: "string", message: "string" };

const typesIn = (fields: object = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value]));
