// The replay consumer. One message is one unit of a run: a day of one shard, counted again beside the numbers that readers
// see. Repeated, it comes to the same end; what can never succeed is buried, and the run goes on without it.

import { textOf } from "../core/error-text.ts";
import { processing, sameProcessing } from "../core/processing.ts";
import { database, type Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { countAgain } from "./count-again.ts";
import { decodeReplay } from "./decode.ts";
import { bury, retryLater } from "./delivery.ts";
import { RawDayError } from "../archive/raw-day.ts";
import { type Claim, claimUnit, Superseded, type UnitKey, UnitWriter } from "./replay-unit.ts";
import type { Replay } from "./shapes.ts";

/** Attempts that end without a word (the isolate died) count too. */
const ATTEMPTS_MAX = 6;

export const handleReplay = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  for (const message of batch.messages) {
    const unit = decodeReplay(message.body);
    if (unit.ok) await handle(env, batch.queue, message, unit.value);
    else await bury(env, batch.queue, message, unit.failure);
  }
};

const handle = async (env: Bindings, queue: string, message: Message, unit: Replay): Promise<void> => {
  const key: UnitKey = { run: unit.run, merchant: unit.merchant.id, date: unit.date, shard: unit.shard };
  const sql = database(env);
  let claim: Claim | null = null;
  try {
    claim = await claimUnit(sql, key);
    if (claim !== null) await count(env, sql, unit, key, claim);
    message.ack();
  } catch (error) {
    if (error instanceof Superseded) return message.ack();
    const isPoison = error instanceof RawDayError || error instanceof Unfit || (claim?.attempts ?? 0) >= ATTEMPTS_MAX;
    console.warn(`replay ${key.run}: ${key.merchant}/${key.shard} ${key.date} is not done: ${textOf(error)}`);
    if (claim !== null && isPoison) await giveUp(env, queue, message, new UnitWriter(sql, key, claim.claim), error);
    else retryLater(message);
  }
};

/** What this code must not count. */
class Unfit extends Error {}

const count = async (env: Bindings, sql: Sql, unit: Replay, key: UnitKey, claim: Claim): Promise<void> => {
  if (claim.attempts > ATTEMPTS_MAX) throw new Unfit(`not done after ${ATTEMPTS_MAX} attempts`);
  if (!sameProcessing(claim.processing, processing()))
    throw new Unfit("the code has changed since the run was started: start another one");
  // Zone, currency and domains as the present numbers were counted by, where that is known.
  const asThen = { ...unit.merchant, ...claim.countedAs?.merchant };
  const writer = new UnitWriter(sql, key, claim.claim);
  await writer.done(await countAgain(env, sql, { key, merchant: asThen, claim, writer }));
};

const giveUp = async (
  env: Bindings,
  queue: string,
  message: Message,
  writer: UnitWriter,
  error: unknown,
): Promise<void> => {
  try {
    await writer.failed(textOf(error));
    await bury(env, queue, message, textOf(error));
  } catch (failure) {
    if (failure instanceof Superseded) message.ack();
    else retryLater(message);
  }
};
