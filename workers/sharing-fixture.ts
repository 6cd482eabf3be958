// For tests of what is kept of reports and shown to others: a world of a merchant and its people, whom one asks as, and visits in it.

import { rollupsOf, type VisitFixture } from "../core/rollup-fixture.ts";
import { type Asker, makeWorld, type World } from "./access-fixture.ts";
import { api } from "./api.ts";
import { bindings, HOME } from "./auth-fixture.ts";
import { publish } from "./reports-doubles.ts";

export interface Said<Body> {
  status: number;
  is: Body;
  headers: Headers;
}

export interface Sharing extends World {
  /** `path` is below the merchant's, or whole when it begins with "/". */
  ask<Body = unknown>(as: Asker | { token: string }, method: string, path: string, body?: unknown): Promise<Said<Body>>;
  query(as: Asker | { token: string }, over?: Record<string, unknown>): Promise<Said<Answered>>;
}

export interface Answered {
  results: { metrics: unknown[]; dimensions: string[] }[];
  query: { filters: unknown[] };
  error?: { pointer: string; reason: string; message: string };
}

/** Somewhere that nobody else asks from. */
export const network = (): string =>
  `2001:db8:${crypto.randomUUID().slice(0, 4)}:${crypto.randomUUID().slice(0, 4)}::1`;

/** Three visits on 5 January 2026, two of them by mail. */
export async function makeSharing(): Promise<Sharing> {
  const world = await makeWorld();
  const ip = network();
  const visit = (over: Partial<VisitFixture>): VisitFixture => ({
    person: 1,
    identified: false,
    atMs: Date.parse("2026-01-05T09:10:00Z"),
    channel: "Direct",
    pages: ["/"],
    gross: 0,
    ...over,
  });
  const visits = [visit({ channel: "Email" }), visit({ person: 2 }), visit({ person: 3, channel: "Email" })];
  await publish(bindings, rollupsOf(world.merchant, "Europe/Berlin", 1, visits));
  const ask: Sharing["ask"] = async (as, method, path, body) => {
    const shown = typeof as === "string" ? await world.headersOf(as) : { authorization: `Bearer ${as.token}` };
    const response = await api.request(
      HOME + (path.startsWith("/") ? path : `/api/v1/merchants/${world.merchant}/${path}`),
      {
        method,
        headers: { origin: HOME, "cf-connecting-ip": ip, "content-type": "application/json", ...shown },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      bindings,
    );
    const text = await response.text();
    return { status: response.status, is: (text === "" ? null : JSON.parse(text)) as never, headers: response.headers };
  };
  return {
    ...world,
    ask,
    query: (as, over = {}) =>
      ask<Answered>(as, "POST", "/api/v1/query", {
        merchant: world.merchant,
        metrics: ["visits"],
        date_range: ["2026-01-05", "2026-01-05"],
        ...over,
      }),
  };
}
