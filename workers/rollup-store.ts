// Reads what a plan asks for, from both places that have it and at the same time: Postgres (one round trip, only the
// columns that the plan names) and each of the merchant's objects (one call). Either may be away: then the other answers
// alone, and the reading says what may be missing. Only when both are away there is no reading.

import { shardObject } from "../core/address.ts";
import type { Reading } from "../core/answer.ts";
import { writtenInstant } from "../core/date-range.ts";
import { REPORT_SOURCE_MS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { HoursAnswer, HoursRequest } from "../core/messages.ts";
import { dayKey, type Found } from "../core/newest-hours.ts";
import type { RollupPlan } from "../core/plan.ts";
import { askedOf } from "../core/planned-hours.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Env } from "./env.ts";
import { type Published, readPublished } from "./published-hours.ts";
import { hearShards, shardAway } from "./shards.ts";
import { within } from "./within.ts";

export type ReadFailure = { kind: "unavailable" } | { kind: "too_large"; bytes: number };

type Asked<Value> = Result<Value, unknown>;

export async function readHours(env: Env, merchant: Merchant, plan: RollupPlan): Promise<Result<Reading, ReadFailure>> {
  const request = askedOf(plan, false);
  const [published, answers] = await Promise.all([
    within(REPORT_SOURCE_MS_MAX, readPublished(env, merchant, plan)),
    askAll(env, merchant, request),
  ]);
  if (published.ok && published.value.tooLargeBytes !== null)
    return fail({ kind: "too_large", bytes: published.value.tooLargeBytes });
  if (!published.ok) return readLiveOnly(env, merchant, request, published.failure);
  const complete = await askAgain(env, merchant, request, published.value, answers);
  const stale = complete.flatMap((answer, shard) => (answer.ok ? [] : [away(merchant, shard, answer.failure)]));
  const { hours, days, sealed, bytes } = published.value;
  return ok({ ...readingOf({ published: hours, days, sealed }, complete, stale), bytes });
}

/** Postgres is away: the objects give every hour that they still hold. */
async function readLiveOnly(
  env: Env,
  merchant: Merchant,
  request: HoursRequest,
  failure: unknown,
): Promise<Result<Reading, ReadFailure>> {
  console.warn(`reports: Postgres did not answer: ${String(failure)}`);
  const answers = await askAll(env, merchant, { ...request, all: true });
  if (!answers.some(({ ok: answered }) => answered)) return fail({ kind: "unavailable" });
  const earliest = answers.flatMap((answer) => (answer.ok ? answer.value.hours.map(({ hour }) => hour) : []));
  const missing =
    earliest.length === 0
      ? "all hours that are published may be missing"
      : `hours before ${writtenInstant(merchant.zone, Math.min(...earliest))} may be missing`;
  const stale = [`Postgres is unreachable: ${missing}.`];
  for (const [shard, answer] of answers.entries()) if (!answer.ok) stale.push(away(merchant, shard, answer.failure));
  return ok(readingOf({ published: [], days: [], sealed: new Set() }, answers, stale));
}

/**
 * Both were read at the same time. An hour that was published in between is new in neither: the object says that Postgres
 * has it, and the row that was read is older. Those shards are asked once more, for all they hold. What is sealed in what was
 * read is Postgres' alone, whatever the object, which may not know it yet, says of it.
 */
async function askAgain(
  env: Env,
  merchant: Merchant,
  request: HoursRequest,
  published: Published,
  answers: Asked<HoursAnswer>[],
): Promise<Asked<HoursAnswer>[]> {
  const seqs = new Map(published.hours.map((slice) => [`${slice.hour}/${slice.shard}`, slice.seq]));
  return Promise.all(
    answers.map(async (answer, shard) => {
      if (!answer.ok) return answer;
      const { confirmed, confirmedSeqs } = answer.value;
      const late = confirmed.some((hour, index) => {
        const seq = seqs.get(`${hour}/${shard}`);
        const date = published.asked.get(hour);
        if (date === undefined || published.sealed.has(dayKey(date, shard))) return false;
        return seq === undefined || seq < (confirmedSeqs?.[index] ?? seq);
      });
      const again = () => shardObject(env.MERCHANT_SHARD, merchant.id, shard).hours({ ...request, all: true });
      return late ? within(REPORT_SOURCE_MS_MAX, again()) : answer;
    }),
  );
}

function readingOf(published: Omit<Found, "live">, answers: Asked<HoursAnswer>[], stale: string[]): Reading {
  const live = answers.flatMap((answer) => (answer.ok ? answer.value.hours : []));
  const clocks = answers.flatMap((answer) => (answer.ok ? [answer.value.asOfMs] : []));
  const freshToMs = clocks.length === answers.length ? Math.min(...clocks) : null;
  return { ...published, live, freshToMs, stale };
}

const away = (merchant: Merchant, shard: number, failure: unknown): string =>
  shardAway(merchant, shard, failure, "what it has not published yet is missing.");

const askAll = (env: Env, merchant: Merchant, request: HoursRequest): Promise<Asked<HoursAnswer>[]> =>
  hearShards(env, merchant, (shard) => shard.hours(request));
