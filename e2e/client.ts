// A running stack as a program sees it: send events, ask the API, read Postgres and the raw files. Plain calls over
// HTTP and SQL, so that a test checks what users and ops would see.

import { gunzipSync } from "node:zlib";
import pg from "pg";
import type { Event } from "../core/event.ts";
import type { Running } from "../scripts/running.ts";

export interface Receipt {
  id: string;
  status: "accepted" | "duplicate" | "rejected";
  reason?: string;
}

/** Null when nothing answered, or it answered that it cannot take events now: send again. */
export async function send(running: Running, body: object): Promise<Receipt[] | null> {
  try {
    const response = await fetch(`${running.baseUrl}/e`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${running.ingestToken}` },
      body: JSON.stringify(body),
    });
    if (response.status >= 500) return null;
    if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
    return ((await response.json()) as { receipts: Receipt[] }).receipts;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

export interface Answer {
  results: { metrics: unknown[]; dimensions: string[] }[];
  meta: { stale: string | null; source: { postgres_rows: number; object_hours: number } };
}

/** As of now, whatever is kept at the edge. */
export async function query(running: Running, question: object): Promise<Answer> {
  const headers = { "cache-control": "no-cache" };
  return ask(running, "/api/v1/query", { method: "POST", headers, body: JSON.stringify(question) });
}

export async function ops<Reply>(running: Running, path: string, method = "GET"): Promise<Reply> {
  return ask(running, `/api/ops${path}`, { method });
}

/** Throws with what it answered when it refuses. */
export async function ask<Reply>(
  running: Running,
  path: string,
  init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> },
): Promise<Reply> {
  const response = await fetch(running.baseUrl + path, {
    ...init,
    headers: { ...init.headers, "content-type": "application/json", authorization: `Bearer ${running.operatorToken}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Reply;
}

export async function sql<Row extends pg.QueryResultRow>(
  running: Running,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(running.databaseUrl);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Every event in the merchant's raw files. */
export async function rawEvents(running: Running, merchant: string): Promise<Event[]> {
  const events: Event[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const from: string = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page: { files: { key: string }[]; cursor: string | null } = await ops(
      running,
      `/merchants/${merchant}/raw${from}`,
    );
    for (const { key } of page.files) {
      const response = await fetch(
        `${running.baseUrl}/api/ops/merchants/${merchant}/raw/file?key=${encodeURIComponent(key)}`,
        { headers: { authorization: `Bearer ${running.operatorToken}` } },
      );
      const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
      for (const line of text.trimEnd().split("\n")) events.push(JSON.parse(line) as Event);
    }
    cursor = page.cursor;
  }
  return events;
}
