// The Worker and the pages from their sources, through Vite. `vite.config.ts` asks `devWorkerConfig` what the Worker
// gets besides its configuration: nothing, unless `npm run dev` has started it.

import path from "node:path";
import type { PluginConfig } from "@cloudflare/vite-plugin";
import type { LocalWorker, LocalWorkerOptions } from "./local-worker.ts";

type DevWorkerOptions = Omit<LocalWorkerOptions, "wranglerJson">;

const ROOT = path.resolve(import.meta.dirname, "..");
/** Vite evaluates its configuration in a module graph of its own, so the way there is the environment. */
const VARIABLE = "COUNTINGHOUSE_DEV_WORKER";

export async function startDevWorker(options: DevWorkerOptions): Promise<LocalWorker> {
  const { createServer } = await import("vite");
  process.env[VARIABLE] = JSON.stringify(options);
  const server = await createServer({
    configFile: path.join(ROOT, "vite.config.ts"),
    server: { host: "127.0.0.1", port: options.port, strictPort: true },
  });
  await server.listen();
  return { stop: () => server.close() };
}

export function devWorkerConfig(): Pick<PluginConfig, "config" | "persistState" | "inspectorPort"> {
  const given = process.env[VARIABLE];
  if (given === undefined) return {};
  const { bindings, stateDir } = JSON.parse(given) as DevWorkerOptions;
  return {
    config: (worker) => ({ vars: { ...worker.vars, ...bindings } }),
    persistState: { path: stateDir },
    inspectorPort: false,
  };
}
