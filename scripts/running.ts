// DATA_DIR/running.json: how to reach the stack that is running, for scripts and tests. Written when everything answers,
// removed by an orderly stop; one that a killed stack left behind is not believed.

import fs from "node:fs";
import path from "node:path";
import { isRunning } from "./processes.ts";

export interface Running {
  /** Without a slash at the end. */
  baseUrl: string;
  merchants: { id: string; name: string; zone: string; currency: string }[];
  operatorToken: string;
  ingestToken: string;
  /** Owns the organisation of the merchants above; the password holds as long as nobody changes it. */
  demoAccount: { email: string; password: string };
  /** Where mail ends up, a file of JSON each. */
  mailDir: string;
  databaseUrl: string;
  /** The process to end for an orderly stop of everything: the supervisor. */
  pid: number;
  pids: {
    supervisor: number;
    /** Leads the process group that everything else is in; SIGUSR2 to it takes Postgres away and brings it back. */
    stack: number;
    postgres: number;
  };
}

const PROGRAMS = { supervisor: /* start.ts, dev.ts */ "scripts/", stack: "scripts/stack.ts" };

/** Where state is kept unless somebody says otherwise, relative to the working folder. */
export const DATA_DIR_DEFAULT = ".data";

export const runningFile = (dataDir: string): string => path.join(dataDir, "running.json");

/** The stack that is running on this folder, or null. */
export function readRunning(dataDir: string = process.env["DATA_DIR"] ?? DATA_DIR_DEFAULT): Running | null {
  const running = lastRunning(dataDir);
  return running !== null && isRunning(running.pids.stack, PROGRAMS.stack) ? running : null;
}

/** True while somebody wants it to run; false when it is only still shutting down. */
export function isWanted(running: Running): boolean {
  return isRunning(running.pids.supervisor, PROGRAMS.supervisor);
}

/** Only its owner may read it: it holds tokens. Readers see all of it or nothing. */
export function writeRunning(dataDir: string, running: Running): void {
  const unfinished = `${runningFile(dataDir)}.unfinished`;
  fs.writeFileSync(unfinished, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(unfinished, runningFile(dataDir));
}

export function removeRunning(dataDir: string): void {
  fs.rmSync(runningFile(dataDir), { force: true });
}

function lastRunning(dataDir: string): Running | null {
  try {
    return JSON.parse(fs.readFileSync(runningFile(dataDir), "utf8")) as Running;
  } catch {
    return null;
  }
}
