// Three kinds of tests: pure code and scripts in Node, what runs on the edge in the edge's own runtime against a real
// Postgres, and whole stacks one at a time. One kind after the other, since a stack wants the machine to itself.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Otherwise the tools look up where this machine is.
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";

/** Runtimes, databases and browsers on a machine that is busy: what fails is tried once more, and the report says that it was. */
const ONCE_MORE = 1;

export default defineConfig({
  test: {
    // The Cloudflare plugin does not work with vitest's cache of modules on disk.
    fsModuleCache: false,
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          environment: "node",
          include: ["{core,web,scripts,migrations,bench}/**/*.test.{ts,tsx}"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: inject("bindings") },
          })),
        ],
        test: {
          name: "workerd",
          sequence: { groupOrder: 1 },
          include: ["{workers,durable-objects,queues,archive}/**/*.test.ts"],
          retry: ONCE_MORE,
          globalSetup: ["./vitest.global-setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          sequence: { groupOrder: 2 },
          environment: "node",
          include: ["e2e/**/*.test.ts"],
          retry: ONCE_MORE,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
