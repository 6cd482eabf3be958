// Workers to measure, each on a runtime of its own that is set up by the same code as `npm start`'s: ours with its
// Postgres and the intervals of production, and the baseline. State goes to a temporary folder.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import type { ShardStatus } from "../core/messages.ts";
import { builtApp } from "../scripts/built-app.ts";
import { startDatabase } from "../scripts/database.ts";
import { startLocalWorker } from "../scripts/local-worker.ts";
import { freePort } from "../scripts/postgres.ts";
import { childrenOf } from "./processes.ts";

interface Configuration {
  compatibility_date: string;
  compatibility_flags: string[];
}

export interface Measured {
  /** Without a slash at the end. */
  url: string;
  /** The process of the runtime. */
  pid: number;
  stop(): Promise<void>;
}

/** One of the demo's: it is there already. */
export const MERCHANT = "m_demo";
export const OPERATOR_TOKEN = "bench-operator";
export const INGEST_TOKEN = "bench-ingest";

/** The Cloudflare tools' own tracing would be a large part of what is measured. */
const TOOLS = {
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** A folder that is removed by `undo`; the user that Postgres runs as may enter it. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-bench-"));
  fs.chmodSync(folder, 0o755);
  return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** Ours, and where its rollups are. */
export interface MeasuredStack extends Measured {
  databaseUrl: string;
}

/** `bridgeFor`: given where the bridge to Postgres is, where the Worker is to look for it. */
export async function startOurs(
  folder: string,
  bridgeFor: (address: string) => string | Promise<string> = (address) => address,
): Promise<MeasuredStack> {
  const wranglerJson = await builtApp((news) => console.error(news));
  const database = await startDatabase(path.join(folder, "database"));
  try {
    const bindings = {
      DATABASE_URL: database.url,
      NEON_BRIDGE: await bridgeFor(database.bridge),
      OPERATOR_TOKEN,
      INGEST_TOKEN,
      VISITOR_SECRET: "a-secret-of-benchmarks-that-is-long-enough",
    };
    const worker = await startWorker(wranglerJson, path.join(folder, "ours"), bindings);
    return {
      ...worker,
      databaseUrl: database.url,
      async stop() {
        await worker.stop();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** Events that the merchant's objects have in their books as accepted. */
export async function acceptedEvents(ours: Measured): Promise<number> {
  const response = await fetch(`${ours.url}/api/ops/merchants/${MERCHANT}/status`, {
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
  });
  const { shards } = (await response.json()) as { shards: ShardStatus[] };
  return shards.flatMap(({ days }) => days).reduce((sum, { books }) => sum + books.accepted, 0);
}

export async function startBaseline(folder: string): Promise<Measured> {
  const ours = await builtApp(() => {});
  const built = path.join(folder, "baseline-build");
  await build({
    entryPoints: [path.join(import.meta.dirname, "baseline", "worker.ts")],
    outfile: path.join(built, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  const { compatibility_date, compatibility_flags } = JSON.parse(fs.readFileSync(ours, "utf8")) as Configuration;
  const configuration = {
    name: "baseline",
    main: "worker.js",
    no_bundle: true,
    compatibility_date,
    compatibility_flags,
    durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
    triggers: {},
  };
  const wranglerJson = path.join(built, "wrangler.json");
  fs.writeFileSync(wranglerJson, JSON.stringify(configuration));
  return startWorker(wranglerJson, path.join(folder, "baseline"), {});
}

async function startWorker(
  wranglerJson: string,
  stateDir: string,
  bindings: Record<string, string>,
): Promise<Measured> {
  Object.assign(process.env, TOOLS);
  const before = new Set(runtimes());
  const port = await freePort();
  const worker = await startLocalWorker({ wranglerJson, port, stateDir, bindings });
  const pid = runtimes().find((one) => !before.has(one));
  if (pid === undefined) throw new Error("the runtime's process cannot be found");
  return { url: `http://127.0.0.1:${port}`, pid, stop: () => worker.stop() };
}

const runtimes = (): number[] =>
  childrenOf(process.pid)
    .filter((child) => child.name === "workerd")
    .map((child) => child.pid);
