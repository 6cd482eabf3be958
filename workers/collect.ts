// POST /e: where events come in.
//
//   size → JSON → each event read → merchant → visitor → shard → append → receipts
//
// 202 means that every event whose receipt says "accepted" is durable (law 1). A bad event gets a receipt that says
// why and never spoils its neighbours. When a shard cannot take its part, that part goes to the overflow queue, which
// is durable too. Nothing here knows of sessions, accounts or reports.

import { shardName, shardObject, shardOf } from "../core/address.ts";
import { addTo } from "../core/books.ts";
import type { Event } from "../core/event.ts";
import { readHit, readVisitor, type Hit, type VisitorClaim } from "../core/hit.ts";
import { EVENT_BYTES_MAX, REJECTED_EXAMPLES_PER_REQUEST_MAX } from "../core/limits.ts";
import { forCounting, type Merchant } from "../core/merchant.ts";
import type { AppendBatch } from "../core/messages.ts";
import { exampleOf, type RejectedExample } from "../core/rejected-example.ts";
import { explain, type Rejection } from "../core/rejection.ts";
import { readRequest, type RawEvent } from "../core/request.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { shardsOn } from "../core/spread.ts";
import { dayAt } from "../core/zone.ts";
import type { Env } from "./env.ts";
import { isExcludedAddress } from "./excluded-address.ts";
import { findConfig, type MerchantConfig } from "./merchants.ts";
import { overflow } from "./overflow.ts";
import { dailyVisitor, identifiedVisitor } from "./visitor.ts";

/** What the request says about its sender, apart from the body. */
export interface Sender {
  ip: string;
  userAgent: string;
  country: string | undefined;
  region: string | undefined;
  city: string | undefined;
  /** Sent with a valid ingest token. */
  trusted: boolean;
  /** Of which merchants the token may send events; any when left out. */
  vouchesFor?: (config: MerchantConfig) => boolean;
}

export interface Receipt {
  id: string | null;
  status: "accepted" | "duplicate" | "rejected";
  reason?: string;
  path?: string;
  message?: string;
  /** Accepted for a day that is sealed already: it counts when the day is sealed again, within the hour. */
  late?: true;
}

/** 400 when nothing can be read; throws when neither shard nor overflow queue takes the events (then: 503). */
export async function collect(
  env: Env,
  body: unknown,
  sender: Sender,
  receivedAtMs: number,
): Promise<Result<Receipt[], string>> {
  const request = readRequest(body);
  if (!request.ok) return fail(request.failure.error);
  const { events, sentAtMs, visitor } = request.value;
  const claim = readVisitor(visitor, "/visitor", sender.trusted);
  const envelope = { receivedAtMs, trusted: sender.trusted, sentAtMs };
  const receipts: Receipt[] = events.map(() => ({ id: null, status: "accepted" }));
  const byMerchant = Map.groupBy(
    events.map((event, at) => ({ event, at })),
    ({ event }) => event.merchant,
  );
  const appends: Promise<void>[] = [];
  for (const [id, members] of byMerchant) {
    const config = await findConfig(env, id);
    const isForeign = config !== null && sender.vouchesFor?.(config) === false;
    const merchant = isForeign ? null : (config?.merchant ?? null);
    const delivery = new Delivery(env, merchant, receivedAtMs);
    for (const { event, at } of members) {
      const hit =
        merchant === null
          ? fail(isForeign ? foreignMerchant(event) : unknownMerchant(event))
          : claim.ok
            ? readHit(event.raw, event.path, envelope)
            : claim;
      const receipt = receipts[at]!;
      if (!hit.ok) reject(receipt, event.raw, hit.failure, delivery);
      else {
        const claimed = hit.value.visitor ?? (claim.ok ? claim.value : null);
        await delivery.add(hit.value, claimed, sender, receipt, event);
      }
    }
    appends.push(...delivery.send());
  }
  await Promise.all(appends);
  return ok(receipts);
}

const unknownMerchant = (event: RawEvent): Rejection => ({
  reason: "unknown_merchant",
  path: merchantPath(event),
  merchant: event.merchant.slice(0, 64),
});

const foreignMerchant = (event: RawEvent): Rejection => ({ reason: "foreign_merchant", path: merchantPath(event) });

const merchantPath = ({ path }: RawEvent): string => (path.startsWith("/events/") ? "/merchant" : `${path}/merchant`);

function reject(receipt: Receipt, raw: unknown, rejection: Rejection, delivery: Delivery): void {
  delivery.refused(raw, rejection);
  const id = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>).id : null;
  receipt.id = typeof id === "string" ? id.slice(0, 64) : null;
  receipt.status = "rejected";
  receipt.reason = rejection.reason;
  receipt.path = rejection.path;
  receipt.message = explain(rejection);
}

interface ShardPart {
  lines: string[];
  receipts: Receipt[];
  /** Up to this one they may have been sent before. */
  again: number;
}

/** One merchant's events of one request, on their way to its shards. */
class Delivery {
  /** Refused events by reason, for the books, and some of them. */
  readonly #rejected: Record<string, number> = {};
  readonly #examples: RejectedExample[] = [];
  readonly #env: Env;
  readonly #merchant: Merchant | null;
  readonly #receivedAtMs: number;
  readonly #parts = new Map<number, ShardPart>();
  /** Most events of a request are of one visitor on one day: its hash is computed once. */
  readonly #visitors = new Map<string, Promise<string>>();

  constructor(env: Env, merchant: Merchant | null, receivedAtMs: number) {
    this.#env = env;
    this.#merchant = merchant;
    this.#receivedAtMs = receivedAtMs;
  }

  refused(raw: unknown, rejection: Rejection): void {
    addTo(this.#rejected, rejection.reason);
    if (this.#examples.length < REJECTED_EXAMPLES_PER_REQUEST_MAX)
      this.#examples.push(exampleOf(raw, rejection, this.#receivedAtMs));
  }

  async add(hit: Hit, claim: VisitorClaim | null, sender: Sender, receipt: Receipt, raw: RawEvent): Promise<void> {
    const merchant = this.#merchant!;
    const place = claim ?? sender;
    const userAgent = claim === null ? sender.userAgent : (claim.user_agent ?? "");
    const { date } = dayAt(merchant.zone, hit.fields.occurred_at);
    const ip = claim === null ? sender.ip : (claim.ip ?? "");
    const visitor = await this.#visitor(hit.user, date, ip, userAgent);
    const event: Event = {
      id: hit.id ?? crypto.randomUUID(),
      ...hit.fields,
      received_at: this.#receivedAtMs,
      visitor,
      ...(hit.user === null ? {} : { identified: true as const }),
      ...(userAgent === "" ? {} : { user_agent: userAgent }),
      ...(place.country === undefined ? {} : { country: place.country }),
      ...(place.region === undefined ? {} : { region: place.region }),
      ...(place.city === undefined ? {} : { city: place.city }),
      ...(isExcludedAddress(merchant, ip) ? { excluded_address: true as const } : {}),
    };
    const line = JSON.stringify(event);
    if (line.length > EVENT_BYTES_MAX) {
      return reject(receipt, event, { reason: "too_large", path: raw.path, max: EVENT_BYTES_MAX }, this);
    }
    receipt.id = event.id;
    const shard = shardOf(visitor, shardsOn(merchant, date));
    const part = this.#parts.get(shard) ?? { lines: [], receipts: [], again: 0 };
    part.lines.push(line);
    if (raw.again) part.again = part.lines.length;
    part.receipts.push(receipt);
    this.#parts.set(shard, part);
  }

  send(): Promise<void>[] {
    if (this.#merchant === null) return [];
    const merchant = forCounting(this.#merchant);
    if (this.#parts.size === 0 && Object.keys(this.#rejected).length > 0) {
      this.#parts.set(0, { lines: [], receipts: [], again: 0 });
    }
    // The request's rejections are booked once, by the first shard that hears of it.
    const rejected = {
      rejected: this.#rejected,
      ...(this.#examples.length === 0 ? {} : { rejectedExamples: this.#examples }),
    };
    return [...this.#parts].map(([shard, part], i) =>
      this.#append(
        {
          merchant,
          shard,
          lines: part.lines,
          ...(i === 0 ? rejected : { rejected: {} }),
          ...(part.again > 0 ? { again: part.again } : {}),
          receivedAtMs: this.#receivedAtMs,
        },
        part.receipts,
      ),
    );
  }

  async #append(batch: AppendBatch, receipts: Receipt[]): Promise<void> {
    const shard = shardObject(this.#env.MERCHANT_SHARD, batch.merchant.id, batch.shard);
    let letters: string;
    try {
      letters = await shard.append(batch);
    } catch (error) {
      console.error(
        JSON.stringify({
          event: "append_failed",
          shard: shardName(batch.merchant.id, batch.shard),
          error: String(error),
        }),
      );
      return overflow(this.#env, batch);
    }
    receipts.forEach((receipt, i) => {
      if (letters[i] === "a") return;
      if (letters[i] === "l") {
        receipt.late = true;
        return;
      }
      // Erased since this isolate or KV knew of it.
      if (letters[i] === "g") {
        const rejection = { reason: "unknown_merchant" as const, path: "/merchant", merchant: batch.merchant.id };
        Object.assign(receipt, { status: "rejected", ...rejection, message: explain(rejection) });
        return;
      }
      receipt.status = "duplicate";
      if (letters[i] === "o") receipt.reason = "order_already_counted";
    });
  }

  #visitor(user: string | null, date: string, ip: string, userAgent: string): Promise<string> {
    const merchant = this.#merchant!.id;
    const key = user === null ? `${date}\0${ip}\0${userAgent}` : `\0${user}`;
    let visitor = this.#visitors.get(key);
    if (visitor === undefined) {
      visitor =
        user === null
          ? dailyVisitor(this.#env, date, merchant, ip, userAgent)
          : identifiedVisitor(this.#env, merchant, user);
      this.#visitors.set(key, visitor);
    }
    return visitor;
  }
}
