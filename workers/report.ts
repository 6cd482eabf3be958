// One question, one answer: a query as it was sent → planned (core/plan.ts) → read → answered (core/answer.ts). HTTP, GraphQL and
// whatever else asks comes through here, so that the same question has the same answer everywhere.

import { type Answer, answerReport } from "../core/answer.ts";
import type { Merchant } from "../core/merchant.ts";
import { planReport } from "../core/plan.ts";
import { parseQuery, type Query } from "../core/query.ts";
import type { QueryFault } from "../core/query-fault.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { type Access, permits } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { readHours } from "./rollup-store.ts";

export interface ReportRefusal extends Omit<QueryFault, "reason"> {
  status: 400 | 404 | 503;
  reason: string;
}

export interface Asked {
  query: Query;
  merchant: Merchant;
}

/** What is asked of which merchant, if the asker may; nothing has been read yet. */
export async function findAsked(
  env: Env,
  find: FindMerchant,
  access: Access,
  body: unknown,
): Promise<Result<Asked, ReportRefusal>> {
  const query = parseQuery(body);
  if (!query.ok) return fail({ status: 400, ...query.failure });
  const merchant = await foundMerchant(env, find, query.value.merchant);
  if (merchant === undefined) return unavailable("The list of merchants is unreachable.");
  if (merchant === null || !(await permits(access, merchant.id, "read"))) return fail(UNKNOWN_MERCHANT);
  return ok({ query: query.value, merchant });
}

export async function answerAsked(
  env: Env,
  { query, merchant }: Asked,
  nowMs: number,
): Promise<Result<Answer, ReportRefusal>> {
  const plan = planReport(query, merchant, nowMs);
  if (!plan.ok) return fail({ status: 400, ...plan.failure });
  const reading = await readHours(env, merchant, plan.value);
  if (reading.ok) return ok(answerReport(plan.value, reading.value));
  if (reading.failure.kind === "unavailable") return unavailable("Neither Postgres nor the counting objects answer.");
  const message = "This range holds more than one answer can read. Ask for a shorter one.";
  return fail({ status: 400, pointer: "#/date_range", message, reason: "too_much" });
}

const UNKNOWN_MERCHANT: ReportRefusal = {
  status: 404,
  pointer: "#/merchant",
  message: "There is no such merchant.",
  reason: "unknown_merchant",
};

const unavailable = (message: string) =>
  fail<ReportRefusal>({
    status: 503,
    pointer: "#",
    message: `${message} Try again in a moment.`,
    reason: "unavailable",
  });

/** Undefined when it cannot be known now. */
async function foundMerchant(env: Env, find: FindMerchant, id: string): Promise<Merchant | null | undefined> {
  try {
    return await find(env, id);
  } catch (error) {
    console.warn(`reports: merchant not read: ${String(error)}`);
    return undefined;
  }
}
