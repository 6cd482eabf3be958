// For tests of the OpenAPI document: exchanges with the Worker, of which each answer is held against the description of its route. An
// answer may have no field that is not described.

import { Ajv2020 } from "ajv/dist/2020.js";
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import type { Client } from "./auth-fixture.ts";
import type { Env } from "./env.ts";
import { DESCRIPTIONS } from "./openapi/descriptions.ts";
import { methodAndPath, openApiDocument } from "./openapi/document.ts";

export const bindings = env as unknown as Env;
export const worker = (exports as unknown as { default: Fetcher }).default;
export const HOME = "https://shop.example";

export const strict = openApiDocument({ strict: true });

export interface Operation {
  operationId: string;
  parameters: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ ...strict, $id: "openapi" });

/** Which file of tests has exchanges with the routes of which topics: openapi-reports.test.ts and so on. */
export const TOPICS = {
  reports: ["Events", "Reports", "Files", "About"],
  accounts: ["Signing in", "People", "Organisations", "Merchants", "Tokens"],
  ops: ["Operations", "Replay", "Configuration"],
  sharing: ["Sharing"],
};

const succeeded = new Set<string>();

/** Of a file's topics, the routes of which no answer without refusal has been seen. */
export const unseen = (file: keyof typeof TOPICS): string[] =>
  DESCRIPTIONS.filter(({ topic, route }) => TOPICS[file].includes(topic) && !succeeded.has(route)).map(
    ({ route }) => route,
  );

/** As the operator asks. */
export async function exchange<Body>(
  route: string,
  address: string,
  init: RequestInit & { status?: number } = {},
): Promise<Body> {
  const { status = 200, ...request } = init;
  const headers = { authorization: `Bearer ${bindings.OPERATOR_TOKEN}`, ...(request.headers as object) };
  return hold(route, status, await worker.fetch(HOME + address, { redirect: "manual", ...request, headers }));
}

/** As a person asks who is signed in. */
export async function exchangeBy<Body>(
  client: Client,
  route: string,
  { address, body, status = 200 }: { address?: string; body?: unknown; status?: number } = {},
): Promise<Body> {
  const [method, path] = route.split(" ") as [string, string];
  return hold(route, status, await client.send(method, address ?? path, body));
}

/** Resolves with the answer's body. */
async function hold<Body>(route: string, status: number, response: Response): Promise<Body> {
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const text = type.startsWith("image") ? "" : await response.text();
  expect([response.status, text], route).toEqual([status, expect.anything()]);
  if (status < 400) succeeded.add(route);
  const description = DESCRIPTIONS.find((each) => each.route === route);
  if (description === undefined) throw new Error(`${route} is not described.`);
  const [method, path] = methodAndPath(description);
  const answer = (strict.paths[path]![method] as unknown as Operation).responses[status];
  if (answer === undefined) throw new Error(`${route} answers ${status}, which is not described.`);
  if (answer.content === undefined) {
    expect(text).toBe("");
    return undefined as Body;
  }
  expect(Object.keys(answer.content)).toContain(type);
  if (!/[/+]json$/.test(type)) return text as Body;
  const at = [path, method, "responses", String(status), "content", type, "schema"];
  const pointer = at.map((one) => encodeURIComponent(one.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  const isAsDescribed = ajv.compile({ $ref: `openapi#/paths/${pointer}` });
  const body = JSON.parse(text) as Body;
  isAsDescribed(body);
  expect(isAsDescribed.errors ?? [], `${route}: ${text.slice(0, 2_000)}`).toEqual([]);
  return body;
}

export const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
