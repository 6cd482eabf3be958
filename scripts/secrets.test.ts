// A deploy without one of the secrets ends with its name, since wrangler.toml lists those that the Worker needs.

import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { experimental_readRawConfig } from "wrangler";

const ROOT = path.resolve(import.meta.dirname, "..");

test("wrangler.toml requires the secrets that the Worker asks for", () => {
  const { rawConfig } = experimental_readRawConfig({ config: path.join(ROOT, "wrangler.toml") });
  const asked = fs.readFileSync(path.join(ROOT, "workers/secrets.ts"), "utf8");
  const [, list = ""] = /SECRETS = \{(.*?)\}/s.exec(asked) ?? [];
  const names = [...list.matchAll(/(\w+):/g)].map(([, name]) => name);
  expect(names).toContain("AUTH_SECRET");
  const { required = [] } = (rawConfig as { secrets?: { required?: string[] } }).secrets ?? {};
  expect(new Set(required)).toEqual(new Set(names));
});

test("no secret is written into what is shipped or committed", () => {
  const files = fs.globSync("{core,workers,queues,durable-objects,archive,web,migrations}/**/*.{ts,tsx,html,sql}", {
    cwd: ROOT,
  });
  expect(files.length).toBeGreaterThan(300);
  const written = files.filter(
    (file) =>
      !file.includes(".test.") &&
      /cht_(?:op|in|rd)_[\w-]{16,}|-----BEGIN|postgres(?:ql)?:\/\/\w+:\w+@/.test(
        fs.readFileSync(path.join(ROOT, file), "utf8"),
      ),
  );
  expect(written).toEqual([]);
});

test("the platform keeps no requests, whose headers hold visitors' addresses", () => {
  const { rawConfig } = experimental_readRawConfig({ config: path.join(ROOT, "wrangler.toml") });
  const { observability } = rawConfig as { observability?: { logs?: { invocation_logs?: boolean } } };
  expect(observability?.logs?.invocation_logs).toBe(false);
});
