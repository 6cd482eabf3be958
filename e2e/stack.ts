// A whole stack for a test, as `npm start` makes it: a data folder of its own, a free port, and ways to end it, from
// asking politely to pulling the plug, and to begin again on what it left.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandOf } from "../scripts/processes.ts";
import { readRunning, type Running } from "../scripts/running.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const POLL_MS = 25;
const READY_MS_MAX = 120_000;
const GONE_MS_MAX = 30_000;

export interface TestStack {
  dataDir: string;
  /** Of the present run: restarting changes process ids, and nothing else. */
  running(): Running;
  /** What it has printed, all runs together. */
  output(): string;
  /** As Ctrl-C does; resolves with the exit code when nothing is left. */
  stop(): Promise<number | null>;
  /** SIGKILL to every process at once; resolves when nothing is left. */
  kill(): Promise<void>;
  /** After `stop` or `kill`: the same data folder and port again, ready. `root`: other sources than it began with. */
  startAgain(root?: string): Promise<void>;
  /** Resolves when the database refuses connections. */
  takePostgresAway(): Promise<void>;
  /** Resolves when the database answers again. */
  bringPostgresBack(): Promise<void>;
  /** Ends it and removes its data. For `afterAll`. */
  remove(): Promise<void>;
}

/** Resolves when it is ready. `root`: where its sources are, if not here. */
export async function startStack(root = ROOT): Promise<TestStack> {
  const dataDir = temporaryFolder();
  let output = "";
  let child = launch({ dataDir, port: 0, root }, (text) => (output += text));
  let running = await ready(child, dataDir, () => output);
  const gone = () => nothingLeft(running);
  const postgresPort = () => Number(new URL(running.databaseUrl).port);
  const stop = async (): Promise<number | null> => {
    // An ended process is gone before its exit code has been told here.
    const exit = once(child, "exit");
    child.kill("SIGINT");
    await Promise.all([exit, gone()]);
    return child.exitCode;
  };
  const kill = async (): Promise<void> => {
    for (const pid of [running.pids.supervisor, -running.pids.stack]) signal(pid, "SIGKILL");
    await gone();
  };
  return {
    dataDir,
    running: () => running,
    output: () => output,
    stop,
    kill,
    async startAgain(again = root) {
      const port = Number(new URL(running.baseUrl).port);
      child = launch({ dataDir, port, root: again }, (text) => (output += text));
      running = await ready(child, dataDir, () => output);
    },
    async takePostgresAway() {
      signal(running.pids.stack, "SIGUSR2");
      await until(async () => !(await listens(postgresPort())), GONE_MS_MAX, "Postgres did not go away");
    },
    async bringPostgresBack() {
      const presentPid = () => readRunning(dataDir)?.pids.postgres;
      const away = presentPid();
      signal(running.pids.stack, "SIGUSR2");
      await until(() => presentPid() !== away, GONE_MS_MAX, "Postgres did not return");
      running = readRunning(dataDir) ?? running;
    },
    async remove() {
      await kill();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Like `npm start`, not waiting for anything. */
export function launch(
  {
    dataDir,
    port,
    program = [process.execPath, "scripts/start.ts"],
    root = ROOT,
  }: { dataDir: string; port: number; program?: string[]; root?: string },
  said: (text: string) => void,
): ChildProcess {
  const [command = "", ...args] = program;
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", said);
  return child;
}

/** Throws with what it printed when it ends instead. */
export async function ready(child: ChildProcess, dataDir: string, output: () => string): Promise<Running> {
  let ended = false;
  void once(child, "exit").then(() => (ended = true));
  await until(() => ended || readRunning(dataDir) !== null, READY_MS_MAX, "The stack did not become ready");
  const running = readRunning(dataDir);
  if (running === null) throw new Error(`The stack ended instead of becoming ready:\n${output()}`);
  return running;
}

/** Resolves when neither the Worker nor Postgres can be reached and no process of the stack is left. */
export async function nothingLeft(running: Running): Promise<void> {
  const ports = [running.baseUrl, running.databaseUrl].map((url) => Number(new URL(url).port));
  await until(
    async () => {
      const open = await Promise.all(ports.map(listens));
      return !open.includes(true) && groupIsEmpty(running.pids.stack) && commandOf(running.pids.supervisor) === null;
    },
    GONE_MS_MAX,
    "Something of the stack is left",
  );
}

/** A process that has ended and only waits to be noticed by its parent does not count. */
function groupIsEmpty(group: number): boolean {
  if (!signal(-group, 0)) return true;
  if (!fs.existsSync("/proc/self")) return false;
  return fs.globSync("/proc/[0-9]*/stat").every((file) => {
    // 12 (name) S parent group …
    const [state, , its] = readOrEmpty(file).split(") ").at(-1)?.split(" ") ?? [];
    return Number(its) !== group || state === "Z";
  });
}

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** One that the user of Postgres can enter. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-e2e-"));
  fs.chmodSync(folder, 0o755);
  return folder;
}

/** False when there is no such process. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

export async function listens(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  msMax: number,
  otherwise: string,
): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${otherwise} within ${msMax / 1000} s.`);
    await sleep(POLL_MS);
  }
}
