// The raw log of a merchant as it rests in R2: which files a day has, and their bytes. For ops and tests; the files'
// names say merchant, date, shard and log sequences.

import { Hono } from "hono";
import type { Env } from "./env.ts";

const DATE = /^\d{4}-\d\d-\d\d$/;

export const rawRoutes = (): Hono<{ Bindings: Env }> => {
  const app = new Hono<{ Bindings: Env }>();

  app.get("/merchants/:id/raw", async (c) => {
    const date = c.req.query("date");
    if (date !== undefined && !DATE.test(date)) {
      return c.json({ error: { pointer: "", reason: "invalid_date", message: "A date is YYYY-MM-DD." } }, 400);
    }
    const cursor = c.req.query("cursor");
    const page = await c.env.ARCHIVE.list({
      prefix: prefixOf(c.req.param("id")) + (date === undefined ? "" : `date=${date}/`),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const files = page.objects.map(({ key, size }) => ({ key, bytes: size }));
    return c.json({ files, cursor: page.truncated ? page.cursor : null });
  });

  app.get("/merchants/:id/raw/file", async (c) => {
    const key = c.req.query("key") ?? "";
    const file = key.startsWith(prefixOf(c.req.param("id"))) ? await c.env.ARCHIVE.get(key) : null;
    if (file === null) {
      return c.json({ error: { pointer: "", reason: "not_found", message: "The merchant has no such file." } }, 404);
    }
    return new Response(file.body, { headers: { "content-type": "application/gzip", "cache-control": "no-store" } });
  });

  return app;
};

const prefixOf = (merchant: string): string => `raw/merchant=${merchant}/`;
