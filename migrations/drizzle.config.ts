// How drizzle-kit makes SQL out of schema.ts: `npm run migrations -- --name what_changes`. What Drizzle has no words
// for (partitions, views, functions) is written by hand in a file of its own (`--custom`), after the table it needs.

import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: [
    "./migrations/schema.ts",
    "./migrations/replay-schema.ts",
    "./migrations/accounts-schema.ts",
    "./migrations/rules-schema.ts",
    "./migrations/tokens-schema.ts",
    "./migrations/sharing-schema.ts",
    "./migrations/erasure-schema.ts",
  ],
  out: "./migrations",
});
