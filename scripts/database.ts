// The local database as the Worker knows the real one: Postgres with all migrations and the demo merchants, behind the
// bridge. A server that ends by itself is started again. It can be taken away and brought back, to see what an outage does.

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seedMerchants } from "./demo-merchants.ts";
import { migrate } from "./migrate.ts";
import { startNeonBridge } from "./neon-bridge.ts";
import { startPostgres, type Postgres } from "./postgres.ts";

const RESTART_AFTER_MS = 500;

export interface Database {
  url: string;
  /** host:port for the Worker's NEON_BRIDGE. */
  bridge: string;
  /** Changes with every restart of the server. */
  pid(): number;
  /** From now on the listener is told when the server goes, and when it is back or cannot be. */
  onChange(listener: (news: string) => void): void;
  /** Takes Postgres away, or brings it back. */
  toggle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startDatabase(dataDir: string): Promise<Database> {
  const folder = path.join(dataDir, "postgres");
  let postgres: Postgres = await startPostgres({ dataDir: folder, durable: true });
  const { url, port } = postgres;
  let wanted = true;
  let changed: (news: string) => void = () => {};
  const watch = (server: Postgres): void => {
    void server.exited.then(async () => {
      if (!wanted) return;
      changed("Postgres has ended by itself.");
      await sleep(RESTART_AFTER_MS);
      if (wanted && server === postgres) await restart();
    });
  };
  const restart = async (): Promise<void> => {
    try {
      postgres = await startPostgres({ dataDir: folder, port, durable: true });
      watch(postgres);
      changed(`Postgres is back (process ${postgres.pid}).`);
    } catch (error) {
      changed(`Postgres could not be started again: ${(error as Error).message}`);
    }
  };
  try {
    await migrate(url);
    await seedMerchants(url);
    const bridge = await startNeonBridge({ databaseUrl: url });
    watch(postgres);
    return {
      url,
      bridge: bridge.address,
      pid: () => postgres.pid,
      onChange(listener) {
        changed = listener;
      },
      async toggle() {
        wanted = !wanted;
        if (wanted) return restart();
        await postgres.stop("crash");
        changed("Postgres is away.");
      },
      async stop() {
        wanted = false;
        await bridge.close();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
