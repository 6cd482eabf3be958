// Talks to the API; nothing else on the page does. Each call resolves with what the API said or throws an
// `ApiProblem` that tells a person what happened and what to do. The session is a cookie that scripts cannot read.

import type { Answer } from "../../core/answer.ts";
import type { Metric } from "../../core/metrics.ts";

export interface MerchantSummary {
  id: string;
  name: string;
  zone: string;
  currency: string;
  shards: number;
}

/** The wire form of core/query.ts, as far as the page uses it. */
export interface QueryBody {
  merchant: string;
  metrics: readonly Metric[];
  date_range: readonly [string, string];
  dimensions?: readonly string[];
  order_by?: readonly (readonly [string, "asc" | "desc"])[];
  include?: { comparisons?: { mode: "previous_period" }; time_labels?: true; fill?: true };
  pagination?: { limit: number };
}

export type ProblemKind = "signed-out" | "offline" | "refused" | "failed";

export class ApiProblem extends Error {
  readonly kind: ProblemKind;

  constructor(kind: ProblemKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export const ask = (body: QueryBody): Promise<Answer> => send<Answer>("POST", "/api/v1/query", body);

export const listMerchants = async (): Promise<MerchantSummary[]> =>
  (await send<{ merchants: MerchantSummary[] }>("GET", "/api/v1/merchants")).merchants;

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

async function send<Said>(method: "GET" | "POST", path: string, body?: unknown): Promise<Said> {
  const request: RequestInit = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    request.headers = { ...request.headers, "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  const response = await fetch(path, request).catch(() => {
    throw new ApiProblem("offline", "Countinghouse cannot be reached. Check your connection; we keep trying.");
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Said;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  if (response.status === 401) return new ApiProblem("signed-out", "Please sign in.");
  const said = await response
    .json()
    .then((body: unknown) => (body as { error?: { message?: string } }).error?.message)
    .catch(() => undefined);
  if (response.status === 429) return new ApiProblem("failed", "Too many questions at once. We ask again in a moment.");
  if (response.status < 500) return new ApiProblem("refused", said ?? `The API refused this (${response.status}).`);
  return new ApiProblem("failed", "The numbers could not be read just now. We keep trying; nothing is lost meanwhile.");
}
