// The API as the ops command asks it: what `--url` and `--token` say, else the stack that runs on this machine. Paths are those of
// the ops API, unless they begin with /api/.

import { type Command, Option } from "commander";
import { readRunning } from "./running.ts";

export interface OpsOptions {
  url?: string;
  token?: string;
  json?: true;
}

export interface Answer<Body> {
  status: number;
  body: Body;
}

export interface OpsClient {
  /** Throws with the API's words when it refuses, unless the status is one of `accepting`. */
  get<Body>(path: string): Promise<Body>;
  send<Body>(method: Method, path: string, body?: object, accepting?: number[]): Promise<Answer<Body>>;
}

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

export const withOps = (command: Command): Command =>
  command
    .option("--url <url>", "where Countinghouse is (default: the stack running here, as DATA_DIR/running.json says)")
    .option("--token <token>", "the operator token (default: the stack's; or OPERATOR_TOKEN in the environment)")
    .addOption(new Option("--json", "print JSON"));

/** Ends the command with one clear sentence when nobody says where. */
export function clientOf(command: Command): OpsClient {
  const { url, token } = command.optsWithGlobals<OpsOptions>();
  const running = url === undefined ? readRunning() : null;
  const baseUrl = (url ?? running?.baseUrl)?.replace(/\/+$/, "");
  const operatorToken = token ?? process.env["OPERATOR_TOKEN"] ?? running?.operatorToken;
  if (baseUrl === undefined) command.error("No stack is running here. Start one (npm start), or say where: --url.");
  if (operatorToken === undefined) command.error("An operator token is needed: --token, or OPERATOR_TOKEN.");
  const headers = { authorization: `Bearer ${operatorToken}`, "content-type": "application/json" };
  const ask = async (path: string, init: RequestInit, accepting: number[]): Promise<Answer<unknown>> => {
    const whole = path.startsWith("/api/") ? path : `/api/ops${path}`;
    const response = await fetch(`${baseUrl}${whole}`, { ...init, headers }).catch((error: unknown) => {
      throw new Error(`${baseUrl} does not answer: ${causeOf(error)}`, { cause: error });
    });
    const text = await response.text();
    if (!response.ok && !accepting.includes(response.status))
      throw new Error(`${path}: ${response.status}: ${wordsOf(text)}`);
    return { status: response.status, body: text === "" ? null : (JSON.parse(text) as unknown) };
  };
  return {
    get: async <Body>(path: string) => (await ask(path, {}, [])).body as Body,
    send: async <Body>(method: Method, path: string, body?: object, accepting: number[] = []) =>
      (await ask(
        path,
        { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
        accepting,
      )) as Answer<Body>,
  };
}

/** JSON with --json, else what `text` makes of it. */
export function print(command: Command, value: unknown, text: () => string): void {
  const { json } = command.optsWithGlobals<OpsOptions>();
  console.log(json === true ? JSON.stringify(value, null, 2) : text());
}

const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};

/** What the API says of a refusal, whatever its form. */
function wordsOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: string | { pointer: string; message: string } };
    if (typeof error === "string") return error;
    return error === undefined ? text : `${error.message}${error.pointer === "#" ? "" : ` (${error.pointer})`}`;
  } catch {
    return text.slice(0, 300);
  }
}
