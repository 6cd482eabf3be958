// Runs the stack in a process group of its own and sees to it that nothing is left behind. The stack holds the other end
// of a pipe: when this process ends, however it ends, the stack reads the end of the pipe and stops. Ctrl-C stops it in
// order, a second Ctrl-C at once.

import { spawn } from "node:child_process";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { parentOf } from "./processes.ts";
import { DATA_DIR_DEFAULT } from "./running.ts";

/** "start" serves the build, "dev" the sources as they change. */
export type Mode = "start" | "dev";

export interface StackOptions {
  mode: Mode;
  /** 0: any free one. */
  port: number;
  dataDir: string;
  /** The process id of the supervisor. */
  supervisor: number;
}

const STACK = path.join(import.meta.dirname, "stack.ts");
const PORT_DEFAULT = 8787;
const PARENT_POLL_MS = 500;
/** The first nearly halves the cost of calls to objects; the others keep Cloudflare's tools from calling home. */
const TOOLS = {
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The whole of `npm start` and `npm run dev`. */
export function superviseFromCommandLine(mode: Mode, description: string): void {
  const { port, dataDir } = new Command(mode)
    .description(description)
    .addOption(new Option("--port <port>", "where to serve").env("PORT").default(PORT_DEFAULT).argParser(parsePort))
    .addOption(new Option("--data-dir <folder>", "where to keep state").env("DATA_DIR").default(DATA_DIR_DEFAULT))
    .addHelpText("after", HELP)
    .parse()
    .opts<{ port: number; dataDir: string }>();
  supervise({ mode, port, dataDir, supervisor: process.pid });
}

const HELP = `
When everything answers, <folder>/running.json says how to reach it: base URL, demo merchants, tokens, database URL.
Ctrl-C stops all of it; the state is there again next time. To begin afresh, remove the folder.`;

function supervise(options: StackOptions): void {
  const stack = spawn(process.execPath, [STACK, JSON.stringify(options)], {
    detached: true,
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, ...TOOLS },
  });
  // The stack may end before it has read that it should.
  stack.stdin.on("error", () => {});
  stack.on("exit", (code) => process.exit(code ?? 1));
  let asked = false;
  const end = (): void => {
    if (asked && stack.pid !== undefined) process.kill(-stack.pid, "SIGKILL");
    asked = true;
    stack.stdin.end();
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, end);
  if (process.env["npm_lifecycle_event"] !== undefined) endWithNpm(end);
}

/** npm killed outright leaves us running, and does not tell: then somebody else has become our (shell's) parent. */
function endWithNpm(end: () => void): void {
  const ancestors = (): string => {
    const parent = process.ppid;
    return `${parent} ${parentOf(parent)}`;
  };
  const first = ancestors();
  const poll = setInterval(() => {
    if (ancestors() === first) return;
    clearInterval(poll);
    end();
  }, PARENT_POLL_MS);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("A port is 0 to 65535.");
  return port;
}
