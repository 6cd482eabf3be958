// For tests of erasures: a visitor with a supplied id among a day's people, everything that R2 and Postgres hold of a merchant
// looked through for a hash, and stores that fail at one of their calls.

import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import { dayOf } from "../core/zone.ts";
import { gunzip } from "../archive/gunzip.ts";
import { openParquet, r2Source, rowGroupsOf } from "../archive/parquet-reader.ts";
import type { Sql } from "../migrations/database.ts";

/** Ten events of somebody who says who they are, over five hours of the day. */
export const eventsOfVisitor = (merchant: Merchant, date: string, visitor: string): Event[] =>
  Array.from({ length: 10 }, (_, n): Event => {
    const atMs = dayOf(merchant.zone, date).startMs + n * 1_800_001;
    const isOrder = n % 4 === 3;
    return {
      id: `${date}-${visitor.slice(0, 4)}-${n}`,
      name: isOrder ? "purchase" : "pageview",
      occurred_at: atMs,
      received_at: atMs,
      visitor,
      identified: true,
      url: `https://shop.example/own/${n}`,
      country: "IS",
      ...(isOrder ? { transaction_id: `${date}-${visitor.slice(0, 4)}-order-${n}`, value: 10, currency: "EUR" } : {}),
    };
  });

export const inOrder = (events: readonly Event[]): Event[] => events.toSorted((a, b) => a.occurred_at - b.occurred_at);

/** Keys of R2 in which the hash stands, in whatever form, of all that names the merchant. */
export async function keysWith(bucket: R2Bucket, merchant: string, visitor: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list(cursor === undefined ? {} : { cursor });
    for (const { key } of page.objects)
      if (/(?:merchant=|outbox\/|jobs\/|dead-letters\/)/.test(key) && (await holds(bucket, key, merchant, visitor)))
        keys.push(key);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return keys;
}

async function holds(bucket: R2Bucket, key: string, merchant: string, visitor: string): Promise<boolean> {
  if (!key.includes(merchant) && !key.startsWith("dead-letters/")) return false;
  const object = await bucket.get(key);
  if (object === null) return false;
  const bytes = new Uint8Array(await object.arrayBuffer());
  if (textOf(bytes).includes(visitor)) return true;
  const unzipped = await gunzip(bytes);
  if (unzipped.ok && textOf(unzipped.value).includes(visitor)) return true;
  return key.endsWith(".parquet") && (await visitorsIn(bucket, key)).has(visitor);
}

const textOf = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

async function visitorsIn(bucket: R2Bucket, key: string): Promise<Set<string>> {
  const visitors = new Set<string>();
  for await (const { columns } of rowGroupsOf(await openParquet(await r2Source(bucket, key)), [
    { name: "visitor", type: "text" },
  ]))
    for (const visitor of Array.from(columns[0]!)) visitors.add(String(visitor));
  return visitors;
}

/** Rows of rollups, of whatever generation, whose sketches hold the hash. */
export async function rowsWith(sql: Sql, merchant: string, visitor: string): Promise<number> {
  const [row] = await sql`SELECT count(*)::int AS n FROM (
    SELECT to_jsonb(h)::text AS text FROM hourly_rollups h WHERE merchant = ${merchant}
    UNION ALL SELECT to_jsonb(d)::text FROM daily_rollups d WHERE merchant = ${merchant}
  ) AS rows WHERE position(${visitor} IN text) > 0`;
  return (row as { n: number }).n;
}

/** What a test breaks off: call `at` is done, and its answer is lost. */
export class Breaking {
  calls = 0;
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  get wasReached(): boolean {
    return this.calls >= this.#at;
  }

  bucket(bucket: R2Bucket): R2Bucket {
    return new Proxy(bucket, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...given: unknown[]) =>
          this.#call(async () => Reflect.apply(method, target, given) as Promise<unknown>);
      },
    });
  }

  /** Statements of a transaction are made and not sent by themselves, so only what is awaited counts. */
  sql(sql: Sql): Sql {
    const lazily = (query: PromiseLike<unknown>): unknown =>
      new Proxy(query, {
        get: (target, name) => {
          if (name === "then")
            return (resolve: never, reject: never) => this.#call(async () => target).then(resolve, reject);
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value as () => unknown).bind(target) : value;
        },
      });
    return new Proxy(sql, {
      apply: (target, _, given: Parameters<Sql>) => lazily(target(...given)),
      get: (target, name) => {
        if (name === "query") return (...given: Parameters<Sql["query"]>) => lazily(target.query(...given));
        if (name === "transaction")
          return (...given: Parameters<Sql["transaction"]>) => this.#call(() => target.transaction(...given));
        return Reflect.get(target, name) as unknown;
      },
    });
  }

  async #call<Value>(work: () => Promise<Value>): Promise<Value> {
    const isLast = ++this.calls === this.#at;
    const value = await work();
    if (isLast) throw new Error("broken off");
    return value;
  }
}
