// Where the API describes itself: GET /api/openapi.json, for anybody. The document is made by the first request for it and then kept
// by the isolate, and so are the schemas that it is made of.

import { Hono } from "hono";
import type { Env } from "./env.ts";

let document: Promise<string> | null = null;

export const openApi = (): Hono<{ Bindings: Env }> => {
  const app = new Hono<{ Bindings: Env }>();
  app.get("/", async (c) => {
    document ??= written();
    const headers = { "content-type": "application/json", "cache-control": "public, max-age=300" };
    return c.body(await document, 200, headers);
  });
  return app;
};

async function written(): Promise<string> {
  const { openApiDocument } = await import("./openapi/document.ts");
  return JSON.stringify(openApiDocument({ strict: false }));
}
