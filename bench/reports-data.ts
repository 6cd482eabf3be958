// The data of the benchmark of reports, in a folder that is kept: merchants with their events, sent through `POST /e` as an
// import sends them and sealed as every day is. What is there already is not loaded again. Merchants are rows of a table, so
// they are put there; nothing else is.

import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { send } from "../scripts/send.ts";
import { dayOfTraffic } from "./reports-traffic.ts";
import { INGEST_TOKEN, type MeasuredStack, OPERATOR_TOKEN } from "./workers.ts";

export interface DataSet {
  merchant: string;
  events: number;
  /** Share of visits by visitors with an id. */
  identified: number;
  /** Local dates, both included, all of them sealed. */
  first: string;
  last: string;
  days: number;
}

const ZONE = "Etc/UTC";
const DAY_MS = 86_400_000;
const SEALED_MS_MAX = 3_600_000;
const SMALL_AT_ONCE = 8;
const SMALL_EVENTS_PER_DAY = 40;

type Say = (news: string) => void;

/** The set, from the folder or loaded into it. `days` end yesterday. */
export async function dataSet(
  folder: string,
  stack: MeasuredStack,
  wanted: { events: number; days: number; identified: number },
  say: Say,
): Promise<DataSet> {
  const { events, days, identified } = wanted;
  const merchant = `m_bench${events}x${days}x${Math.round(identified * 100)}`;
  const known = readKept(folder).find((set) => set.merchant === merchant);
  if (known !== undefined) return known;
  const dates = datesBefore(days);
  const set = { merchant, events, days, identified, first: dates[0]!, last: dates.at(-1)! };
  await addMerchants(stack, [merchant]);
  let sent = 0;
  for (const date of dates) {
    sent += await sendDay(stack, merchant, date, events / days, identified);
    // Days that are over are sealed while the next is on its way.
    await post(stack, `/api/ops/merchants/${merchant}/seal`);
    say(`${merchant}: ${sent.toLocaleString("en")} events of ${dates.indexOf(date) + 1} days sent`);
  }
  await sealed(stack, merchant, days);
  say(`${merchant}: sealed`);
  keep(folder, set);
  return set;
}

/** As many merchants with little traffic on each of some days, so that a large one is not alone in the tables. */
export async function smallMerchants(
  folder: string,
  stack: MeasuredStack,
  merchants: number,
  days: number,
  say: Say,
): Promise<void> {
  const name = `${merchants} small`;
  if (merchants === 0 || readKept(folder).some((set) => set.merchant === name)) return;
  const ids = Array.from({ length: merchants }, (_, n) => `m_small${n}`);
  await addMerchants(stack, ids);
  const dates = datesBefore(days);
  let done = 0;
  const left = ids[Symbol.iterator]();
  const loadSome = async (): Promise<void> => {
    for (const id of left) {
      for (const date of dates) await sendDay(stack, id, date, SMALL_EVENTS_PER_DAY, 0);
      await sealed(stack, id, days);
      if (++done % 100 === 0) say(`${done} small merchants`);
    }
  };
  await Promise.all(Array.from({ length: SMALL_AT_ONCE }, loadSome));
  const events = merchants * days * SMALL_EVENTS_PER_DAY;
  keep(folder, { merchant: name, events, identified: 0, first: dates[0]!, last: dates.at(-1)!, days });
}

/** Visitors of the last half hour, for what reports say of the present. */
export async function sendPresent(stack: MeasuredStack, merchant: string, visits: number): Promise<void> {
  const nowMs = Date.now();
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const traffic = [...dayOfTraffic({ seed: String(nowMs), date: today, events: visits * 8, identified: 0 })].flat();
  const recent = traffic.map((event, n) => ({
    ...event,
    id: `${nowMs.toString(36)}-${n}`,
    occurred_at: nowMs - Math.floor((1 - n / traffic.length) * 1_700_000),
  }));
  await send({ url: stack.url, ingestToken: INGEST_TOKEN, merchant }, [recent]);
}

/** Events that were taken. */
async function sendDay(
  stack: MeasuredStack,
  merchant: string,
  date: string,
  events: number,
  identified: number,
): Promise<number> {
  const traffic = dayOfTraffic({ seed: merchant, date, events, identified });
  const outcome = await send({ url: stack.url, ingestToken: INGEST_TOKEN, merchant }, traffic);
  if (outcome.accepted !== outcome.sent)
    throw new Error(`${merchant}: of ${outcome.sent} events ${outcome.accepted} were accepted`);
  return outcome.accepted;
}

/** Resolves when so many days are. */
async function sealed(stack: MeasuredStack, merchant: string, days: number): Promise<void> {
  const deadlineMs = Date.now() + SEALED_MS_MAX;
  const count = "SELECT count(*)::int AS days FROM day_book WHERE merchant = $1 AND sealed_at IS NOT NULL";
  for (let pauseMs = 100; ; pauseMs = Math.min(2_000, 2 * pauseMs)) {
    await post(stack, `/api/ops/merchants/${merchant}/seal`);
    const [row] = await sql<{ days: number }>(stack, count, [merchant]);
    if (row!.days >= days) return;
    if (Date.now() > deadlineMs) throw new Error(`${merchant}: of ${days} days ${row!.days} were sealed`);
    await sleep(pauseMs);
  }
}

async function addMerchants(stack: MeasuredStack, ids: readonly string[]): Promise<void> {
  await sql(
    stack,
    `INSERT INTO merchants (id, name, zone, currency, domains)
    SELECT id, id, $2, 'EUR', '{shop.example}' FROM unnest($1::text[]) AS given (id) ON CONFLICT DO NOTHING`,
    [ids, ZONE],
  );
}

async function sql<Row extends pg.QueryResultRow>(
  stack: MeasuredStack,
  text: string,
  parameters: unknown[],
): Promise<Row[]> {
  const client = new pg.Client(stack.databaseUrl);
  await client.connect();
  try {
    return (await client.query<Row>(text, parameters)).rows;
  } finally {
    await client.end();
  }
}

function datesBefore(days: number): string[] {
  const today = Date.parse(new Date().toISOString().slice(0, 10));
  return Array.from({ length: days }, (_, n) => new Date(today - (days - n) * DAY_MS).toISOString().slice(0, 10));
}

const keptFile = (folder: string): string => path.join(folder, "loaded.json");

const readKept = (folder: string): DataSet[] =>
  fs.existsSync(keptFile(folder)) ? (JSON.parse(fs.readFileSync(keptFile(folder), "utf8")) as DataSet[]) : [];

const keep = (folder: string, set: DataSet): void =>
  fs.writeFileSync(keptFile(folder), JSON.stringify([...readKept(folder), set], null, 2));

async function post(stack: MeasuredStack, route: string): Promise<void> {
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
  const response = await fetch(stack.url + route, { method: "POST", headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${route}: ${response.status} ${text}`);
}
