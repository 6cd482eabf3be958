// What processes use, as Linux' /proc tells: CPU seconds of a process and all of its children, those that have ended
// among them, and memory. Children are found by their parents, since Postgres gives each of its own a group.

import fs from "node:fs";
import { spawnSync } from "node:child_process";

export interface Process {
  pid: number;
  parent: number;
  name: string;
  /** Of the process and of its ended children. */
  cpuSeconds: number;
}

let ticksPerSecond = 0;

export function childrenOf(parent: number): Process[] {
  return all().filter((process) => process.parent === parent);
}

/** CPU seconds that a process and everything below it has used so far. */
export function treeCpuSeconds(root: number): number {
  const processes = all();
  let seconds = 0;
  const add = (pid: number): void => {
    for (const one of processes) {
      if (one.pid === pid) seconds += one.cpuSeconds;
      if (one.parent === pid) add(one.pid);
    }
  };
  add(root);
  return seconds;
}

export function cpuSeconds(pid: number): number {
  return processOf(pid)?.cpuSeconds ?? Number.NaN;
}

/** Memory that is resident. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1_024;
}

function all(): Process[] {
  if (!fs.existsSync("/proc/self/stat")) throw new Error("This benchmark reads /proc, which only Linux has.");
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processOf(Number(name)))
    .filter((process) => process !== null);
}

function processOf(pid: number): Process | null {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The name is in parentheses and may hold anything; numbers follow the last one.
  const end = stat.lastIndexOf(")");
  const name = stat.slice(stat.indexOf("(") + 1, end);
  const fields = stat.slice(end + 2).split(" ");
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
  const ticks = user! + system! + endedUser! + endedSystem!;
  return { pid, parent: Number(fields[1]), name, cpuSeconds: ticks / clockTicks() };
}

function clockTicks(): number {
  if (ticksPerSecond === 0)
    ticksPerSecond = Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout) || 100;
  return ticksPerSecond;
}
