// The replay consumer. One message is one unit of a run: a day of one shard, counted again beside the numbers that readers
// see. Repeated, it comes to the same end; what can never succeed is buried, and the run goes on without it.

import { textOf } from "../core/error-text.ts";
import type { ReplayMessage } from "../core/messages.ts";
import { processing, sameProcessing } from "../core/processing.ts";
import { dayOf } from "../core/zone.ts";
import { database, type Sql } from "../migrations/database.ts";
import { switchAtSeal } from "./at-seal.ts";
import { auditDay } from "./audit-day.ts";
import type { Bindings } from "./bindings.ts";
import { countAgain } from "./count-again.ts";
import { countOpen, NotNow } from "./count-open.ts";
import { decodeReplay } from "./decode.ts";
import { bury, retryLater } from "./delivery.ts";
import { eraseDay } from "./erase-day.ts";
import { RawDayError } from "../archive/raw-day.ts";
import { type Claim, claimUnit, Superseded, type UnitKey, UnitWriter } from "./replay-unit.ts";

/** Attempts that end without a word (the isolate died) count too. */
const ATTEMPTS_MAX = 6;

export const handleReplay = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  for (const message of batch.messages) {
    const unit = decodeReplay(message.body);
    if (unit.ok) await handle(env, batch.queue, message, unit.value);
    else await bury(env, batch.queue, message, unit.failure);
  }
};

const handle = async (env: Bindings, queue: string, message: Message, unit: ReplayMessage): Promise<void> => {
  try {
    const { reason, later } = await attemptUnit(env, unit);
    if (later) retryLater(message);
    else if (reason !== null) await bury(env, queue, message, reason);
    else message.ack();
  } catch (error) {
    console.warn(`replay ${unit.run}: ${unit.merchant.id}/${unit.shard} ${unit.date}: ${textOf(error)}`);
    retryLater(message);
  }
};

/** What this code must not count. */
class Unfit extends Error {}

/** What nobody can count any more: there is nothing to repair. */
class NotKept extends Error {}

/** How an attempt at a unit ended: why it can never succeed, or that it is to be made again later. */
export interface Attempt {
  reason: string | null;
  later: boolean;
}

const OVER: Attempt = { reason: null, later: false };
const LATER: Attempt = { reason: null, later: true };

/** Throws when not even what went wrong could be noted. */
export async function attemptUnit(env: Bindings, unit: ReplayMessage): Promise<Attempt> {
  const key: UnitKey = { run: unit.run, merchant: unit.merchant.id, date: unit.date, shard: unit.shard };
  const sql = database(env);
  const claim = await claimUnit(sql, key, dayOf(unit.merchant.zone, unit.date).startMs);
  if (claim === null) return OVER;
  const writer = new UnitWriter(sql, key, claim.claim);
  try {
    await count(env, sql, { unit, key, claim, writer });
    if (claim.atSeal) await switchAtSeal(sql, key);
    return OVER;
  } catch (error) {
    if (error instanceof Superseded) return OVER;
    console.warn(`replay ${key.run}: ${key.merchant}/${key.shard} ${key.date} is not done: ${textOf(error)}`);
    if (error instanceof NotNow) await writer.notNow();
    if (error instanceof NotKept) return { ...(await giveUp(writer, textOf(error))), reason: null };
    const isPoison = error instanceof RawDayError || error instanceof Unfit || claim.attempts >= ATTEMPTS_MAX;
    if (!isPoison || error instanceof NotNow) return LATER;
    return giveUp(writer, textOf(error));
  }
}

async function giveUp(writer: UnitWriter, reason: string): Promise<Attempt> {
  try {
    await writer.failed(reason);
    return { reason, later: false };
  } catch (error) {
    if (error instanceof Superseded) return OVER;
    throw error;
  }
}

interface Counting {
  unit: ReplayMessage;
  key: UnitKey;
  claim: Claim;
  writer: UnitWriter;
}

const count = async (env: Bindings, sql: Sql, { unit, key, claim, writer }: Counting): Promise<void> => {
  if (claim.attempts > ATTEMPTS_MAX) throw new Unfit(`not done after ${ATTEMPTS_MAX} attempts`);
  // By whatever code: nobody waits for another version with that.
  if (claim.kind === "erasure") return writer.erased(await eraseDay(env, sql, key, unit.merchant));
  // A day that waited for its seal is counted by the code that seals it.
  if (!claim.atSeal && !sameProcessing(claim.processing, processing()))
    throw new Unfit("the code has changed since the run was started: start another one");
  if (claim.kind === "audit") {
    const asThen = { ...unit.merchant, ...claim.countedAs?.merchant };
    const { findings, rows } = await auditDay(env, sql, { key, merchant: asThen, claim }, Date.now());
    return writer.audited(findings, rows);
  }
  if (claim.isDropped)
    throw new NotKept("its single events are no longer kept, as the merchant has asked: it stays as it was counted");
  if (claim.isOpen) return writer.done(await countOpen(env, key, claim));
  // Zone, currency and domains as the present numbers were counted by, where that is known.
  const merchant = { ...unit.merchant, ...claim.countedAs?.merchant };
  return writer.done(await countAgain(env, sql, { key, merchant, claim, writer }));
};
