// running.json is believed while the stack that wrote it lives, and not after.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRunning, removeRunning, writeRunning, type Running } from "./running.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-running-"));
});

afterEach(() => {
  fs.rmSync(dataDir, { recursive: true });
});

const running = (stack: number): Running => ({
  baseUrl: "http://127.0.0.1:8787",
  merchants: [],
  operatorToken: "cht_op_x",
  ingestToken: "cht_in_x",
  demoAccount: { email: "demo@shop.example", password: "x" },
  mailDir: "/data/mail",
  databaseUrl: "postgres://postgres@127.0.0.1:5432/postgres",
  pid: stack,
  pids: { supervisor: stack, stack, postgres: stack },
});

test("no file, no stack", () => {
  expect(readRunning(dataDir)).toBeNull();
});

test("a stack that lives is found; once it is dead, or its number is another's, it is not", async () => {
  const likeStack = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "scripts/stack.ts"]);
  await once(likeStack, "spawn");
  writeRunning(dataDir, running(likeStack.pid ?? 0));
  expect(readRunning(dataDir)).toEqual(running(likeStack.pid ?? 0));
  likeStack.kill("SIGKILL");
  await once(likeStack, "exit");
  expect(readRunning(dataDir)).toBeNull();
  writeRunning(dataDir, running(process.pid));
  expect(readRunning(dataDir)).toBeNull();
});

test("removing it twice is no error", () => {
  writeRunning(dataDir, running(1));
  removeRunning(dataDir);
  removeRunning(dataDir);
  expect(fs.readdirSync(dataDir)).toEqual([]);
});
