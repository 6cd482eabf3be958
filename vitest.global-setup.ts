// What tests in the edge's runtime find around them: a real Postgres with all migrations, the bridge before it, and the
// bindings that are secrets or differ in tests. All of it ends with the run, also when starting it fails halfway.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { migrate } from "./scripts/migrate.ts";
import { startMailbox } from "./scripts/mailbox.ts";
import { startNeonBridge } from "./scripts/neon-bridge.ts";
import { startPostgres } from "./scripts/postgres.ts";

export interface TestBindings {
  DATABASE_URL: string;
  NEON_BRIDGE: string;
  OPERATOR_TOKEN: string;
  INGEST_TOKEN: string;
  AUTH_SECRET: string;
  VISITOR_SECRET: string;
  MAILBOX: string;
  PUBLISH_AFTER_MS: string;
  ARCHIVE_AFTER_MS: string;
}

declare module "vitest" {
  interface ProvidedContext {
    bindings: TestBindings & Record<string, string>;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-test-"));
  const undo: (() => void | Promise<void>)[] = [() => fs.rmSync(folder, { recursive: true, force: true })];
  const tearDown = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    fs.chmodSync(folder, 0o755);
    const postgres = await startPostgres({ dataDir: path.join(folder, "postgres"), durable: false });
    undo.push(() => postgres.stop("crash"));
    await migrate(postgres.url);
    const bridge = await startNeonBridge({ databaseUrl: postgres.url });
    undo.push(() => bridge.close());
    const mailbox = await startMailbox({ folder: path.join(folder, "mail") });
    undo.push(() => mailbox.close());
    project.provide("bindings", {
      DATABASE_URL: postgres.url,
      NEON_BRIDGE: bridge.address,
      OPERATOR_TOKEN: "operator-token-for-tests",
      INGEST_TOKEN: "ingest-token-for-tests",
      AUTH_SECRET: "a-secret-for-tests-that-is-long-enough-to-be-one",
      VISITOR_SECRET: "another-secret-for-tests-that-is-long-enough",
      MAILBOX: mailbox.address,
      PUBLISH_AFTER_MS: "50",
      ARCHIVE_AFTER_MS: "50",
    });
    return tearDown;
  } catch (error) {
    await tearDown();
    throw error;
  }
}
