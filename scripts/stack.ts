// Everything that makes up a local Countinghouse, in one process group: Postgres, the bridge, the Worker. Started by the
// supervisor (scripts/supervise.ts), never by hand; it stops in order when the supervisor ends, whatever ended that. Should
// this process be killed itself, the guard kills what it leaves.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { builtApp } from "./built-app.ts";
import { startDatabase, type Database } from "./database.ts";
import { DEMO_EMAIL, seedAccount } from "./demo-account.ts";
import { DEMO_MERCHANTS } from "./demo-merchants.ts";
import { startDevWorker } from "./dev-worker.ts";
import { greeting } from "./greeting.ts";
import { localSecrets, type LocalSecrets } from "./local-secrets.ts";
import { startMailbox } from "./mailbox.ts";
import { startLocalWorker } from "./local-worker.ts";
import { freePort } from "./postgres.ts";
import { isWanted, readRunning, removeRunning, runningFile, writeRunning, type Running } from "./running.ts";
import type { StackOptions } from "./supervise.ts";

/** Short, so that a person sees hours and events arrive in Postgres and R2. */
const LOCAL_VARIABLES = { PUBLISH_AFTER_MS: "15000", ARCHIVE_AFTER_MS: "30000", SEAL_AFTER_MS: "60000" };
const PREVIOUS_STOP_MS_MAX = 20_000;
const KILLED_PORT_MS_MAX = 5_000;
const STOP_MS_MAX = 15_000;
const POLL_MS = 50;

/** Undone from the last to the first. */
const undo: (() => unknown)[] = [];
let stopping = false;

async function start(options: StackOptions): Promise<void> {
  const dataDir = path.resolve(options.dataDir);
  fs.mkdirSync(dataDir, { recursive: true });
  await previousIsGone(options);
  // A run that was killed lets go of its port a moment later.
  const patienceMs = fs.existsSync(runningFile(dataDir)) ? KILLED_PORT_MS_MAX : 0;
  removeRunning(dataDir);
  const port = options.port === 0 ? await freePort() : options.port;
  await portIsFree(port, Date.now() + patienceMs);

  const secrets = localSecrets(dataDir);
  const mailbox = await startMailbox({
    folder: mailDir(dataDir),
    onMail: ({ to, subject }, file) => console.log(`Mail to ${to}: ${subject} (${file})`),
  });
  undo.push(() => mailbox.close());
  const [database, wranglerJson] = await Promise.all([
    startDatabase(dataDir).then((started) => {
      undo.push(() => started.stop());
      return started;
    }),
    options.mode === "start" ? builtApp(console.log) : "",
  ]);
  await seedAccount(database.url, demoAccount(secrets));
  const worker = {
    port,
    stateDir: path.join(dataDir, options.mode === "start" ? "worker" : "worker-dev"),
    bindings: {
      ...LOCAL_VARIABLES,
      DATABASE_URL: database.url,
      NEON_BRIDGE: database.bridge,
      OPERATOR_TOKEN: secrets.operatorToken,
      INGEST_TOKEN: secrets.ingestToken,
      AUTH_SECRET: secrets.authSecret,
      VISITOR_SECRET: secrets.visitorSecret,
      MAILBOX: mailbox.address,
    },
  };
  const started = await (options.mode === "start"
    ? startLocalWorker({ ...worker, wranglerJson })
    : startDevWorker(worker));
  undo.push(() => started.stop());
  announce(options, port, secrets, database);
}

const mailDir = (dataDir: string): string => path.join(dataDir, "mail");

const demoAccount = ({ demoPassword }: LocalSecrets) => ({ email: DEMO_EMAIL, password: demoPassword });

function announce(options: StackOptions, port: number, secrets: LocalSecrets, database: Database): void {
  const running = (): Running => ({
    baseUrl: `http://127.0.0.1:${port}`,
    merchants: DEMO_MERCHANTS.map(({ id, name, zone, currency }) => ({ id, name, zone, currency })),
    operatorToken: secrets.operatorToken,
    ingestToken: secrets.ingestToken,
    demoAccount: demoAccount(secrets),
    mailDir: mailDir(path.resolve(options.dataDir)),
    databaseUrl: database.url,
    pid: options.supervisor,
    pids: { supervisor: options.supervisor, stack: process.pid, postgres: database.pid() },
  });
  const publish = (): void => {
    if (!stopping) writeRunning(options.dataDir, running());
  };
  database.onChange((news) => {
    publish();
    console.log(news);
  });
  process.on("SIGUSR2", () => void database.toggle());
  undo.push(() => removeRunning(options.dataDir));
  publish();
  console.log(greeting(running(), options.dataDir));
  const kept = fs.realpathSync(path.join(options.dataDir, "postgres"));
  if (!kept.startsWith(fs.realpathSync(options.dataDir))) {
    console.log(
      `Postgres does not run as root, and its user cannot enter ${options.dataDir}: its data is in ${kept}.\n`,
    );
  }
}

/** A run whose supervisor was killed needs a moment to stop; one that is wanted is not disturbed. */
async function previousIsGone({ dataDir }: StackOptions): Promise<void> {
  const patientUntil = Date.now() + PREVIOUS_STOP_MS_MAX;
  for (;;) {
    const previous = readRunning(dataDir);
    if (previous === null) return;
    if (isWanted(previous) || Date.now() > patientUntil) {
      const { baseUrl, pid } = previous;
      throw new Error(
        `Already running on ${dataDir} at ${baseUrl} (process ${pid}). Stop it, or set another DATA_DIR.`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function portIsFree(port: number, patientUntil: number): Promise<void> {
  const server = net.createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (Date.now() < patientUntil) {
      await sleep(POLL_MS);
      return portIsFree(port, patientUntil);
    }
    const why = code === "EADDRINUSE" ? "is taken" : `cannot be used (${code})`;
    throw new Error(`Port ${port} ${why}. Choose another one: PORT=${port + 1} npm start`, { cause });
  }
  server.close();
  await once(server, "close");
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
  for (const step of undo.splice(0).toReversed()) {
    try {
      await step();
    } catch (error) {
      console.error(String(error));
    }
  }
  process.exit(code);
}

/** A member of our group that waits for our end, and then ends the group: Postgres and the Worker's runtime would stay. */
function guard(): void {
  const shell = spawn("sh", ["-c", "read _; kill -KILL 0"], { stdio: ["pipe", "ignore", "ignore"] });
  shell.stdin.on("error", () => {});
  shell.unref();
}

const options = JSON.parse(process.argv[2] ?? "{}") as StackOptions;
if (options.supervisor !== process.ppid) {
  console.error("This is a part of `npm start`; run that.");
  process.exit(1);
}
guard();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));
process.stdin.on("close", () => void stop(0)).resume();
// Whoever read what we say may be gone.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
try {
  await start(options);
} catch (error) {
  console.error((error as Error).message);
  await stop(1);
}
