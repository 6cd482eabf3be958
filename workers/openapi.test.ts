import { inspectRoutes } from "hono/dev";
import { expect, test } from "vitest";
import { api } from "./api.ts";
import { DESCRIPTIONS } from "./openapi/descriptions.ts";
import { type OpenApi, openApiDocument } from "./openapi/document.ts";
import { HOME, type Operation, strict, TOPICS, worker } from "./openapi-fixture.ts";

/** Of handlers that stand before the router: see index.ts. */
const OUTSIDE = ["POST /e", "GET /p.gif"];

test("every route is described, and every description is of a route", () => {
  const routes = inspectRoutes(api)
    .filter(({ isMiddleware }) => !isMiddleware)
    .map(({ method, path }) => `${method} ${path.length > 1 ? path.replace(/\/$/, "") : path}`);
  expect(DESCRIPTIONS.map(({ route }) => route).toSorted()).toEqual([...new Set([...routes, ...OUTSIDE])].toSorted());
});

test("the document holds together: names are given once, references lead somewhere, parameters of paths are described", () => {
  const operations = Object.entries(strict.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation: operation as unknown as Operation })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(DESCRIPTIONS.length);
  for (const document of [strict, openApiDocument({ strict: false })]) {
    for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty([name!]);
    expect(JSON.stringify(document)).not.toContain("$defs");
  }
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(described).toEqual(named);
  }
});

test("anybody may read it; what is published lets answers gain fields", async () => {
  const response = await worker.fetch(`${HOME}/api/openapi.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  const published = await response.json();
  expect(published).toEqual(JSON.parse(JSON.stringify(openApiDocument({ strict: false }))));
  for (const path of Object.values((published as OpenApi).paths))
    for (const { responses } of Object.values(path))
      expect(JSON.stringify(responses)).not.toContain('"additionalProperties":false');
});

test("every topic has a file of tests that holds answers against its descriptions", () => {
  expect(Object.values(TOPICS).flat().toSorted()).toEqual(
    [...new Set(DESCRIPTIONS.map(({ topic }) => topic))].toSorted(),
  );
});
