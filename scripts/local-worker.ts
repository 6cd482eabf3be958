// The built Worker with all bindings of its configuration, served on this machine: objects, KV and R2 keep their state
// in a folder, queues forget theirs when it ends. Nothing stands between client and Worker but Miniflare, which has no
// clock for scheduled work: here it runs at the start and then every hour.

import fs from "node:fs";
import path from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptionsShape } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

export interface LocalWorker {
  stop(): Promise<void>;
}

export interface LocalWorkerOptions {
  /** The wrangler.json of a build. */
  wranglerJson: string;
  port: number;
  /** Where state is kept. */
  stateDir: string;
  /** Secrets, and variables that differ from the configuration's. */
  bindings: Record<string, string>;
}

interface BuiltConfiguration {
  main: string;
  triggers: { crons?: string[] };
}

const SCHEDULED_EVERY_MS = 3_600_000;

export async function startLocalWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const build = path.dirname(options.wranglerJson);
  const { main, triggers } = JSON.parse(fs.readFileSync(options.wranglerJson, "utf8")) as BuiltConfiguration;
  const {
    modulesRules: _,
    assets,
    ...configured
  } = unstable_getMiniflareWorkerOptions(options.wranglerJson).workerOptions as V4WorkerOptionsShape & {
    modulesRules?: unknown;
  };
  const worker = {
    ...configured,
    name: configured.name ?? "worker",
    bindings: { ...configured.bindings, ...options.bindings },
    serviceBindings: { ...configured.serviceBindings, ASSETS: PAGES },
    rootPath: build,
    modulesRoot: build,
    modules: [main, ...chunks(build)].map((file) => ({ type: "ESModule" as const, path: path.join(build, file) })),
  };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: options.port,
      cf: false,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      unsafeTriggerHandlers: true,
      resourcePersistencePath: options.stateDir,
      workers: [worker, pagesOf(assets)],
    }),
  );
  await miniflare.ready;
  const runScheduled = (): void => {
    for (const cron of triggers.crons ?? []) {
      const url = `http://127.0.0.1:${options.port}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}`;
      fetch(url).catch((error: unknown) => console.error(`Scheduled work was not done: ${String(error)}`));
    }
  };
  runScheduled();
  const clock = setInterval(runScheduled, SCHEDULED_EVERY_MS);
  return {
    stop() {
      clearInterval(clock);
      return miniflare.dispose();
    },
  };
}

const PAGES = "pages";

/**
 * Pages are a Worker of their own here: beside the app's, Miniflare would put its router, written in JavaScript, before every
 * request, which at the edge no request pays for.
 */
const pagesOf = (assets: unknown) => ({
  name: PAGES,
  modules: [
    {
      type: "ESModule" as const,
      path: "pages.mjs",
      contents: "export default { fetch: (request, env) => env.ASSETS.fetch(request) };",
    },
  ],
  ...(assets === undefined ? {} : { assets: assets as { directory: string } }),
});

/** Modules besides the main one that the build was split into. */
function chunks(build: string): string[] {
  const folder = path.join(build, "assets");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => /\.m?js$/.test(name))
    .map((name) => path.join("assets", name));
}
