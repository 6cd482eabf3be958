// The rollups consumer: a batch of hours and books goes to Postgres in one round trip, then the objects are told.
// Postgres away: everything comes again later. Postgres refusing the data: the rows are tried one by one, so that
// only what it refuses is buried. Dying between the write and the confirmation costs a repeated, idempotent write.

import { textOf } from "../core/error-text.ts";
import type { Confirmation } from "../core/messages.ts";
import { database, isDataError, type Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { decodePublished, type HourPart } from "./decode.ts";
import { bury, confirm, type Delivery, retryLater } from "./delivery.ts";
import { type Published, type Row, rowsOf, writeRows } from "./rows.ts";
import type { BooksOfDay } from "./shapes.ts";

/** Compressed bytes that are taken apart at a time: some ten times as much in memory. */
const SLICE_BYTES_MAX = 1_000_000;

export const handleRollups = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  const sql = database(env);
  for (const messages of slicesOf(batch.messages)) await publish(env, sql, batch.queue, messages);
};

const publish = async (env: Bindings, sql: Sql, queue: string, messages: readonly Message[]): Promise<void> => {
  const readable: Published<Delivery>[] = [];
  for (const message of messages) {
    const decoded = await decode(env, message);
    if (decoded === null) retryLater(message);
    else if (!decoded.ok) await bury(env, queue, message, decoded.failure);
    else if (decoded.value.kind === "gone") message.ack();
    else readable.push({ value: decoded.value, source: deliveryOf(message, decoded.value) });
  }
  await confirm(env, await write(env, sql, queue, rowsOf(readable)));
};

/** Null when a stored body cannot be had just now. */
const decode = async (env: Bindings, message: Message): Promise<Awaited<ReturnType<typeof decodePublished>> | null> => {
  try {
    return await decodePublished(message.body, async (key) => {
      const object = await env.ARCHIVE.get(key);
      return object === null ? null : new Uint8Array(await object.arrayBuffer());
    });
  } catch (error) {
    console.warn(`rollups: R2 did not give a stored hour: ${textOf(error)}`);
    return null;
  }
};

/** Writes rows and returns the deliveries that are safe; the others have been sent to try again or buried. */
const write = async (env: Bindings, sql: Sql, queue: string, rows: readonly Row<Delivery>[]): Promise<Delivery[]> => {
  if (rows.length === 0) return [];
  const deliveries = rows.flatMap(({ sources }) => sources);
  try {
    await writeRows(sql, rows);
    return deliveries;
  } catch (error) {
    if (!isDataError(error)) {
      console.warn(`rollups: Postgres did not take ${rows.length} rows: ${textOf(error)}`);
      for (const { message } of deliveries) retryLater(message);
    } else if (rows.length === 1) {
      for (const { message } of deliveries) await bury(env, queue, message, `refused by Postgres: ${textOf(error)}`);
    } else {
      const written: Delivery[] = [];
      for (const row of rows) written.push(...(await write(env, sql, queue, [row])));
      return written;
    }
    return [];
  }
};

const deliveryOf = (message: Message, value: HourPart | BooksOfDay): Delivery => {
  const { merchant, shard } = value;
  const delivery = { message, merchant, shard, confirmation: confirmationOf(value) };
  return value.kind === "rollup" && value.stored !== undefined ? { ...delivery, spent: value.stored } : delivery;
};

const confirmationOf = (value: HourPart | BooksOfDay): Confirmation => {
  const { seq } = value;
  if (value.kind === "books") return { kind: "books", date: value.date, seq };
  return { kind: "rollup", hour: value.hour, seq, part: value.part, parts: value.parts };
};

const slicesOf = (messages: readonly Message[]): Message[][] => {
  const slices: Message[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = bodyBytes(message.body);
    if (bytes + size > SLICE_BYTES_MAX) {
      slices.push([]);
      bytes = 0;
    }
    slices.at(-1)!.push(message);
    bytes += size;
  }
  return slices;
};

const bodyBytes = (body: unknown): number =>
  typeof body === "object" && body !== null && "body" in body && body.body instanceof Uint8Array
    ? body.body.byteLength
    : 0;
