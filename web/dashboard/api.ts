// Talks to the API; nothing else on the page does. Each call resolves with what the API said or throws an
// `ApiProblem` that tells a person what happened and what to do. The session is a cookie that scripts cannot read.

import type { ListedMerchant, MerchantList } from "../../core/merchant-list.ts";
import type { Answer } from "../../core/answer.ts";
import type { Metric } from "../../core/metrics.ts";

/** The wire form of core/query.ts, as far as the page uses it. */
export interface QueryBody {
  merchant: string;
  metrics: readonly Metric[];
  date_range: readonly [string, string];
  dimensions?: readonly string[];
  order_by?: readonly (readonly [string, "asc" | "desc"])[];
  filters?: readonly unknown[];
  include?: { comparisons?: Comparisons; time_labels?: true; fill?: true; total_rows?: true; totals?: true };
  pagination?: { limit: number; offset?: number };
}

export interface Comparisons {
  mode: "previous_period" | "year_over_year";
  match_day_of_week?: true;
}

/** What a shared link gave; in this page's memory alone, so that it works in a frame, where a cookie would not be sent. */
let bearer: string | null = null;

/** From now on the page asks with it instead of with a session. */
export const carry = (token: string): void => void (bearer = token);

/** What sockets say they speak, since they can say nothing else. */
export const socketProtocols = (): string[] => (bearer === null ? [] : ["countinghouse", bearer]);

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type ProblemKind = "signed-out" | "offline" | "refused" | "failed";

export class ApiProblem extends Error {
  readonly kind: ProblemKind;
  /** The API's word for it; "" when it said none. */
  readonly reason: string;

  constructor(kind: ProblemKind, message: string, reason = "") {
    super(message);
    this.kind = kind;
    this.reason = reason;
  }
}

/** What the server keeps of ranges that are over it may show for so long after a replay has changed them. */
const SETTLES_MS = 3 * 60_000;
let askAfreshUntilMs = 0;

/** Somebody has just changed the past on this page: until then every answer is wanted as of now. */
export const pastHasChanged = (): void => {
  askAfreshUntilMs = Date.now() + SETTLES_MS;
};

/** `open`: the answer is wanted as of now and not as of some seconds ago, for numbers that still change. */
export const ask = (body: QueryBody, open: boolean): Promise<Answer> => {
  const asOfNow = open || Date.now() < askAfreshUntilMs;
  return send<Answer>("POST", "/api/v1/query", body, asOfNow ? { "cache-control": "max-age=0" } : {});
};

/** Where the answer to the same question is read as CSV, all its rows; null for who has no session, which an address needs. */
export const csvAddress = ({ pagination: _, ...whole }: QueryBody): string | null =>
  bearer === null ? `/api/v1/query?format=csv&q=${encodeURIComponent(JSON.stringify(whole))}` : null;

export const listMerchants = async (): Promise<ListedMerchant[]> =>
  (await send<MerchantList>("GET", "/api/v1/merchants")).merchants;

/** Resolves false when the token is not the right one. */
export const signIn = async (token: string): Promise<boolean> => {
  try {
    await send("POST", "/api/v1/session", { token });
    return true;
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.kind === "signed-out") return false;
    throw problem;
  }
};

/** What the API says to a request. Throws an `ApiProblem` when that is no good. */
export async function send<Said>(method: Method, path: string, body?: unknown, more = {}): Promise<Said> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const shown = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
  const headers = { accept: "application/json", "content-type": "application/json", ...shown, ...more };
  const response = await fetch(path, { method, headers, ...json }).catch(() => {
    throw new ApiProblem("offline", "Countinghouse cannot be reached. Check your connection; we keep trying.");
  });
  if (!response.ok) throw await problemOf(response);
  return (await said(response)) as Said;
}

/** Undefined when the answer is no JSON: a proxy in between may say anything. */
const said = async (response: Response): Promise<unknown> => response.json().catch(() => undefined);

async function problemOf(response: Response): Promise<ApiProblem> {
  const { status } = response;
  const { error } = ((await said(response)) ?? {}) as { error?: { message?: string; reason?: string } };
  if (status === 401) return new ApiProblem("signed-out", "Please sign in.", error?.reason);
  if (status === 429)
    return new ApiProblem("failed", "Too many questions at once. We ask again in a moment.", error?.reason);
  if (status < 500)
    return new ApiProblem("refused", error?.message ?? `The API refused this (${status}).`, error?.reason);
  return new ApiProblem("failed", "The server cannot answer just now. We keep trying; no event is lost meanwhile.");
}
