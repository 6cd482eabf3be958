// Where a command sends its events: what `--url` and `--token` say, else the stack that runs on this machine. And what the
// person at the terminal sees meanwhile.

import { InvalidArgumentError, type Command } from "commander";
import { readRunning } from "./running.ts";
import type { Outcome, Target } from "./send.ts";

export interface TargetOptions {
  url?: string;
  token?: string;
  merchant: string;
}

export const withTarget = (command: Command): Command =>
  command
    .option("--url <url>", "where Countinghouse is (default: the stack running here, as DATA_DIR/running.json says)")
    .option("--token <token>", "an ingest token of it (default: the stack's; or INGEST_TOKEN in the environment)");

/** Ends the command with one clear sentence when neither says where. */
export function targetOf(command: Command, { url, token, merchant }: TargetOptions): Target {
  const running = url === undefined ? readRunning() : null;
  const baseUrl = url ?? running?.baseUrl;
  const ingestToken = token ?? process.env["INGEST_TOKEN"] ?? running?.ingestToken;
  if (baseUrl === undefined) command.error("No stack is running here. Start one (npm start), or say where: --url.");
  if (ingestToken === undefined) command.error("An ingest token is needed: --token, or INGEST_TOKEN.");
  return { url: baseUrl.replace(/\/+$/, ""), ingestToken, merchant };
}

const SHOWN_EVERY_MS = 200;

/** Keeps one line of the terminal up to date; says nothing where standard error is none. */
export function progressLine(): { show: (outcome: Outcome) => void; clear: () => void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => {}, clear: () => {} };
  const startedAtMs = Date.now();
  let shownAtMs = 0;
  return {
    show(outcome) {
      const nowMs = Date.now();
      if (nowMs - shownAtMs < SHOWN_EVERY_MS) return;
      shownAtMs = nowMs;
      const perSecond = Math.round(outcome.sent / ((nowMs - startedAtMs) / 1_000));
      const retries = outcome.retries === 0 ? "" : `, ${outcome.retries} requests sent again`;
      stderr.write(
        `\r\x1b[K${outcome.sent.toLocaleString("en")} events sent, ${perSecond.toLocaleString("en")}/s${retries}`,
      );
    },
    clear: () => void stderr.write("\r\x1b[K"),
  };
}

export function printOutcome(outcome: Outcome): void {
  const rejected = Object.entries(outcome.rejected);
  printCounts([
    ["events sent", outcome.sent],
    ["  accepted", outcome.accepted],
    ["  duplicate", outcome.duplicate],
    ...rejected.map(([reason, n]): [string, number] => [`  rejected: ${reason}`, n]),
    ["requests", outcome.requests],
    ["  sent again", outcome.retries],
  ]);
  for (const [reason, why] of Object.entries(outcome.refusals)) console.log(`First ${reason}: ${why}`);
}

const LABEL_CHARS = 32;

export function printCounts(counts: readonly (readonly [label: string, n: number])[]): void {
  for (const [label, n] of counts) console.log(`${label.padEnd(LABEL_CHARS)}${n.toLocaleString("en").padStart(12)}`);
}

export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("A number above 0.");
  return number;
}

export function positiveInteger(text: string): number {
  const number = positiveNumber(text);
  if (!Number.isInteger(number)) throw new InvalidArgumentError("A whole number above 0.");
  return number;
}
