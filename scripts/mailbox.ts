// Where a local stack's mail ends up: the Worker, which cannot write files, posts it here, and each mail becomes a file
// of JSON in a folder. GET /?to=address gives them back, oldest first, for tests. Pages in a browser are refused.

import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

export interface StoredMail {
  to: string;
  subject: string;
  text: string;
  at: string;
}

export interface Mailbox {
  /** host:port, as the Worker's MAILBOX wants it. */
  address: string;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64_000;

export async function startMailbox(options: {
  folder: string;
  onMail?: (mail: StoredMail, file: string) => void;
}): Promise<Mailbox> {
  fs.mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  let kept = 0;
  const keep = (mail: StoredMail): void => {
    const file = path.join(options.folder, `${mail.at.replaceAll(":", "-")}-${String(++kept).padStart(3, "0")}.json`);
    fs.writeFileSync(file, `${JSON.stringify(mail, null, 2)}\n`, { mode: 0o600 });
    options.onMail?.(mail, file);
  };
  const server = http.createServer((request, response) => {
    answer(request, options.folder, keep).then(
      ({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Oldest first. */
export function readMails(folder: string, to?: string): StoredMail[] {
  const mails = fs
    .readdirSync(folder)
    .toSorted()
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")) as StoredMail);
  return to === undefined ? mails : mails.filter((mail) => mail.to === to);
}

async function answer(
  request: http.IncomingMessage,
  folder: string,
  keep: (mail: StoredMail) => void,
): Promise<{ status: number; body: string }> {
  if (request.headers.origin !== undefined) return { status: 403, body: "{}" };
  if (request.method === "GET") {
    const to = new URL(request.url ?? "/", "http://mailbox").searchParams.get("to") ?? undefined;
    return { status: 200, body: JSON.stringify(readMails(folder, to)) };
  }
  const { to, subject, text } = JSON.parse(await bodyOf(request)) as Omit<StoredMail, "at">;
  keep({ to, subject, text, at: new Date().toISOString() });
  return { status: 204, body: "" };
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new Error(`a mail has ${BODY_BYTES_MAX} bytes at most`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
