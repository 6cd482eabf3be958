// What can be known about a process by its number, which outlives it and may be given to another one.

import { spawnSync } from "node:child_process";
import fs from "node:fs";

/** The command line of a living process, or null. */
export function commandOf(pid: number): string | null {
  if (fs.existsSync("/proc/self")) {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") || null;
    } catch {
      return null;
    }
  }
  const ps = spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  return ps.status === 0 ? ps.stdout : null;
}

/** Whether the process lives and is what we take it for. */
export function isRunning(pid: number, word: string): boolean {
  return commandOf(pid)?.includes(word) ?? false;
}

export function parentOf(pid: number): number | null {
  if (fs.existsSync("/proc/self")) {
    try {
      const parent = /^PPid:\s*(\d+)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      return parent === undefined ? null : Number(parent);
    } catch {
      return null;
    }
  }
  const ps = spawnSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" });
  return ps.status === 0 ? Number(ps.stdout) : null;
}
