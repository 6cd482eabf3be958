// What an isolate that only collects has loaded: everything that workers/index.ts reaches without a dynamic import.

import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[\s\S]*?\sfrom\s+)?"([^"]+)";/gm;

/** Our files and others' packages, from one file on. */
function reached(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, source = ""] of fs.readFileSync(file, "utf8").matchAll(IMPORT)) {
      if (!source.startsWith("."))
        packages.add(
          source
            .split("/")
            .slice(0, source.startsWith("@") ? 2 : 1)
            .join("/"),
        );
      else if (source.endsWith(".ts")) files.add(path.resolve(path.dirname(file), source));
    }
  }
  return { files: new Set([...files].map((file) => path.relative(ROOT, file))), packages };
}

test("collecting loads nothing of accounts, of the API and of its libraries", () => {
  const { files, packages } = reached(path.join(ROOT, "workers/index.ts"));
  expect([...files]).toEqual(expect.arrayContaining(["workers/collect.ts", "durable-objects/merchant-shard.ts"]));
  expect([...files].filter((file) => /workers\/(api|auth|guard|graphql|openapi|members|reports)/.test(file))).toEqual(
    [],
  );
  const libraries = ["better-auth", "graphql", "graphql-yoga", "@pothos/core", "drizzle-orm", "hono"];
  expect(libraries.filter((name) => packages.has(name))).toEqual([]);
});

test("the API loads better-auth only when somebody signs in", () => {
  const { files, packages } = reached(path.join(ROOT, "workers/api.ts"));
  expect([...files]).toContain("workers/auth-routes.ts");
  expect([...files]).not.toContain("workers/auth.ts");
  expect([...packages].filter((name) => name === "better-auth" || name === "drizzle-orm")).toEqual([]);
});
