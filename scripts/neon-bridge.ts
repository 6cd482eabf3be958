// What Neon's edge does in production, in front of a plain Postgres: SQL over HTTP at /sql, where an array of statements
// is one transaction, and a WebSocket at /v1 that is a tunnel to the database's own port. With it the Worker uses the
// same driver here and there. Postgres down: an error at once (503), never a wait. Pages in a browser are refused.

import { once } from "node:events";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import type { Duplex } from "node:stream";
import type { ClientBase, PoolClient, PoolConfig, QueryArrayResult, QueryResult } from "pg";
import type { WebSocket, WebSocketServer as Sockets } from "ws";

// Vite, which runs vitest's global setup, would resolve these to their stubs for browsers.
const require = createRequire(import.meta.url);
const pg = require("pg") as typeof import("pg");
const { WebSocketServer } = require("ws") as { WebSocketServer: typeof Sockets };

export interface NeonBridge {
  port: number;
  /** host:port, as the Worker's NEON_BRIDGE wants it. */
  address: string;
  close(): Promise<void>;
}

interface Statement {
  query: string;
  params?: unknown[];
}

const CONNECTIONS_MAX = 20;
const CONNECT_MS_MAX = 2_000;
/** As in production. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const ISOLATION_LEVELS: Record<string, string> = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
};
/** The driver parses types itself: values travel as Postgres writes them. */
const AS_TEXT = { getTypeParser: () => (value: string) => value } as NonNullable<PoolConfig["types"]>;

export async function startNeonBridge(options: { databaseUrl: string; port?: number }): Promise<NeonBridge> {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    types: AS_TEXT,
  });
  // An idle connection ends when Postgres does; the pool drops it and opens another when asked.
  pool.on("error", () => {});
  const server = http.createServer((request, response) => {
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    answerSql(request, () => pool.connect()).then(
      ({ status, body }) => reply(status, body),
      (cause: unknown) => reply(500, { message: String(cause) }),
    );
  });
  // When to close an idle connection is for the Worker to say: one that ends as it is used again is a lost query.
  server.keepAliveTimeout = 0;
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (!isOurs(request) || !request.url?.startsWith("/v1")) return refuseUpgrade(socket, "403 Forbidden");
    openTunnel(options.databaseUrl, socket, (ready) => sockets.handleUpgrade(request, socket, head, ready));
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
      await pool.end();
    },
  };
}

/** Browsers name the page that asks; a Worker does not. Otherwise any web page could reach the database. */
function isOurs(request: http.IncomingMessage): boolean {
  return request.headers.origin === undefined;
}

async function answerSql(
  request: http.IncomingMessage,
  connect: () => Promise<PoolClient>,
): Promise<{ status: number; body: unknown }> {
  if (!isOurs(request)) return { status: 403, body: { message: "not for browsers" } };
  if (request.method !== "POST" || !request.url?.startsWith("/sql"))
    return { status: 404, body: { message: "POST /sql" } };
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) return { status: 413, body: { message: "a request may have 64 MB" } };
    parts.push(part);
  }
  let client: PoolClient | null = null;
  try {
    const body = JSON.parse(Buffer.concat(parts).toString()) as Statement | { queries: Statement[] };
    client = await connect();
    const asArrays = request.headers["neon-array-mode"] === "true";
    if (!("queries" in body)) return { status: 200, body: await run(client, body, asArrays) };
    return { status: 200, body: { results: await runTogether(client, body.queries, asArrays, request.headers) } };
  } catch (error) {
    return failure(error);
  } finally {
    client?.release();
  }
}

async function runTogether(
  client: ClientBase,
  statements: Statement[],
  asArrays: boolean,
  headers: http.IncomingHttpHeaders,
): Promise<object[]> {
  const isolation = ISOLATION_LEVELS[String(headers["neon-batch-isolation-level"])];
  const mode = [
    isolation === undefined ? "" : ` ISOLATION LEVEL ${isolation}`,
    headers["neon-batch-read-only"] === "true" ? " READ ONLY" : "",
    headers["neon-batch-deferrable"] === "true" ? " DEFERRABLE" : "",
  ];
  await client.query(`BEGIN${mode.join("")}`);
  try {
    const results: object[] = [];
    for (const statement of statements) results.push(await run(client, statement, asArrays));
    await client.query("COMMIT");
    return results;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

async function run(client: ClientBase, { query, params = [] }: Statement, asArrays: boolean): Promise<object> {
  const asked = { text: query, values: params, types: AS_TEXT };
  const result: QueryResult | QueryArrayResult = asArrays
    ? await client.query({ ...asked, rowMode: "array" })
    : await client.query(asked);
  return {
    command: result.command,
    rowCount: result.rowCount,
    rowAsArray: asArrays,
    rows: result.rows,
    fields: result.fields.map((field) => ({ ...field, format: "text" })),
  };
}

/** What Postgres said about a statement is 400, as from Neon; that it is not there or is going away is 503. */
function failure(error: unknown): { status: number; body: object } {
  const { message, severity, code, detail, hint, position, schema, table, column, constraint } = error as Partial<
    InstanceType<typeof pg.DatabaseError>
  >;
  const isStatement = severity !== undefined && code !== undefined && !/^(08|53|57P)/.test(code);
  return {
    status: isStatement || error instanceof SyntaxError ? 400 : 503,
    body: { message, severity, code, detail, hint, position, schema, table, column, constraint },
  };
}

function openTunnel(databaseUrl: string, socket: Duplex, accept: (ready: (ws: WebSocket) => void) => void): void {
  const { hostname, port } = new URL(databaseUrl);
  const database = net.connect(Number(port), hostname);
  let tunnel: WebSocket | null = null;
  database.setNoDelay(true);
  database.on("error", () => database.destroy());
  database.on("close", () => (tunnel === null ? refuseUpgrade(socket, "503 Service Unavailable") : tunnel.close()));
  socket.on("close", () => database.destroy());
  database.once("connect", () =>
    accept((ws) => {
      tunnel = ws;
      ws.on("message", (data: Buffer) => database.write(data));
      ws.on("error", () => ws.terminate());
      database.on("data", (data) => ws.send(data));
    }),
  );
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
