// One shard of a merchant: makes events durable, counts each once, keeps the open days' counters, and sees that R2 and
// Postgres get them. Memory is a cache of the log (law 4), so an eviction, a deploy or a crash changes nothing.
//
//   append ─► group-commit: admit → one log row → fold → durable → receipts
//   alarm  ─► publisher: hours, books, log segments, seals → queues
//   confirm ◄─ the consumers, once Postgres or R2 has it
//   hours, status, live sockets: what is in memory, for whoever asks

import { DurableObject } from "cloudflare:workers";
import { shardObject } from "../core/address.ts";
import type { Arrival } from "../core/admission.ts";
import type { Event } from "../core/event.ts";
import type { Publishable } from "../core/flush.ts";
import { type Asked, logBytesOf } from "../core/given-up.ts";
import { liveSnapshot } from "../core/live.ts";
import type { Merchant } from "../core/merchant.ts";
import type {
  AppendBatch,
  Confirmation,
  HoursAnswer,
  HoursRequest,
  MerchantShardApi,
  OpenDay,
  Receipts,
  ShardStatus,
  UnsealedDays,
} from "../core/messages.ts";
import { appendOnce } from "../core/once.ts";
import { claimOrders, holds } from "../core/order-keepers.ts";
import { snapshot } from "../core/rollup-codec.ts";
import { bytesAtMost } from "../core/text.ts";
import type { ObjectBindings } from "./bindings.ts";
import { evictHours } from "./checkpoint.ts";
import { GroupCommit } from "./group-commit.ts";
import { openDayOf } from "./open-day.ts";
import { Publisher } from "./publisher.ts";
import { ShardMemory } from "./shard-memory.ts";
import { shardsOf, Siblings } from "./siblings.ts";
import { unsealedDaysOf } from "./unsealed-days.ts";

const LIVE_EVERY_MS = 1_000;

interface Parts {
  memory: ShardMemory;
  commits: GroupCommit;
  publisher: Publisher;
  siblings: Siblings;
}

export class MerchantShard extends DurableObject<ObjectBindings> implements MerchantShardApi {
  #parts: Parts;
  /** Merchant id and shard, from the object's name. */
  readonly #address: [string, number];
  #alarmAtMs: number | null = null;
  #broadcastAtMs = 0;

  constructor(ctx: DurableObjectState, env: ObjectBindings) {
    super(ctx, env);
    const [merchant = "", shard = "0"] = (ctx.id.name ?? "").split("/");
    this.#address = [merchant, Number(shard)];
    this.#parts = this.#open();
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAtMs = await ctx.storage.getAlarm();
    });
  }

  /** Out of what is in storage. */
  #open(): Parts {
    const { storage } = this.ctx;
    const memory = new ShardMemory(storage);
    const commits = new GroupCommit(
      memory,
      this.#address[1],
      () => storage.sync(),
      () => this.#committed(),
      (why) => this.ctx.abort(why),
    );
    const publisher = new Publisher(memory, this.env, this.#address);
    return { memory, commits, publisher, siblings: new Siblings(this.env, this.#address[1]) };
  }

  get #memory(): ShardMemory {
    return this.#parts.memory;
  }

  get #isErased(): boolean {
    return this.#memory.storage.isErased;
  }

  async append(batch: AppendBatch): Promise<Receipts> {
    if (this.#isErased) return "g".repeat(batch.lines.length);
    const { merchant, receivedAtMs } = batch;
    const arrivals = batch.lines.map((line): Arrival => ({
      line,
      event: JSON.parse(line) as Event,
      orderTaken: false,
    }));
    const bytes = batch.lines.reduce((sum, line) => sum + bytesAtMost(line), 0);
    const { commits, siblings } = this.#parts;
    const { state } = this.#memory;
    const again = shardsOf(state, merchant) > 1 ? (batch.again ?? 0) : 0;
    return appendOnce(state, batch.shard, arrivals, again, {
      ask: (asked) => siblings.ask(merchant, shardsOf(state, merchant, asked), asked, bytes),
      commit: async (open, isFirst) => {
        if (merchant.shards > 1)
          await claimOrders(batch, open, (keeper, ...claim) => this.#shardAt(keeper).claimOrder(merchant, ...claim));
        const { rejected, rejectedExamples = [] } = isFirst ? batch : { rejected: {} };
        return commits.add({ merchant, arrivals: open, rejected, rejectedExamples, claims: [], receivedAtMs }, bytes);
      },
    });
  }

  async claimOrder(merchant: Merchant, order: string, claimant: string, settled = false): Promise<boolean> {
    if (this.#isErased) return false;
    const { state } = this.#memory;
    const holder = state.orderHolder(order);
    if (holder !== null) return holds(holder, claimant, settled);
    const claims: [string, string][] = [[order, claimant]];
    await this.#parts.commits.add(
      { merchant, arrivals: [], rejected: {}, claims, receivedAtMs: Date.now() },
      order.length,
    );
    return holds(state.orderHolder(order), claimant, settled);
  }

  async giveUp(merchant: Merchant, asked: Asked[]): Promise<string> {
    if (this.#isErased) return "g".repeat(asked.length);
    const { eventIds } = this.#memory.state;
    // Nothing to be written; and what has been accepted is durable before this answer leaves the object.
    if (asked.every(([id]) => eventIds.has(id))) return "h".repeat(asked.length);
    const request = { merchant, arrivals: [], rejected: {}, claims: [], asked, receivedAtMs: Date.now() };
    return this.#parts.commits.add(request, logBytesOf(asked));
  }

  async confirm(confirmations: Confirmation[]): Promise<"gone" | void> {
    if (this.#isErased) return "gone";
    const { segments, ledger, zone } = this.#memory;
    for (const confirmation of confirmations) {
      if (confirmation.kind === "chunk") segments.confirm(confirmation, zone);
      else ledger.confirm(confirmation);
    }
    // With the segments that R2 has: asleep, the object would forget that, and send them again. They are dropped with the
    // next checkpoint, which is too dear to be made for each.
    ledger.save(segments.archived);
    if (this.#parts.publisher.canSeal) await this.#flush(false);
  }

  async hours(request: HoursRequest): Promise<HoursAnswer> {
    const { state, ledger } = this.#memory;
    const confirmedSeqs: number[] = [];
    const answer: HoursAnswer = { hours: [], confirmed: [], confirmedSeqs, asOfMs: Date.now(), seq: state.seq };
    for (const [hourMs, standing] of ledger.hours) {
      if (hourMs < request.fromMs || hourMs >= request.toMs) continue;
      if (!request.all && standing.confirmedSeq >= standing.seq) {
        answer.confirmed.push(hourMs);
        confirmedSeqs.push(standing.seq);
        continue;
      }
      const hour = state.dayAt(hourMs).existingHour(hourMs);
      if (hour !== null) answer.hours.push(snapshot(hour, ...this.#address, request));
    }
    evictHours(state);
    return answer;
  }

  async heldHours(fromMs: number, toMs: number): Promise<string> {
    const held = [...this.#memory.ledger.hours].filter(([hourMs]) => hourMs >= fromMs && hourMs < toMs);
    return held
      .sort(([a], [b]) => a - b)
      .map(([hourMs, { seq }]) => `${hourMs}:${seq}`)
      .join(" ");
  }

  async openDay(date: string): Promise<OpenDay | null> {
    return openDayOf(this.#memory, this.#address, date);
  }

  async unsealedDays(from: string, to: string): Promise<UnsealedDays> {
    const days = unsealedDaysOf(this.#memory, from, to);
    return { days, seq: this.#memory.state.seq, asOfMs: Date.now() };
  }

  async republish(): Promise<ShardStatus> {
    const { ledger, segments } = this.#memory;
    ledger.forgetConfirmed();
    ledger.save(segments.archived);
    return this.flush();
  }

  async status(): Promise<ShardStatus> {
    const { state, ledger, segments } = this.#memory;
    const [merchant, shard] = this.#address;
    const days = [...state.days.values()];
    const open = days.map((day) => ({ date: day.day.date, books: day.books, state: "open" as const }));
    const closed = [...state.closed].map(([date, { books, seq }]) => {
      const isSealed = (ledger.seals.get(date)?.confirmedSeq ?? 0) >= seq;
      return { date, books, state: isSealed ? ("sealed" as const) : ("closed" as const) };
    });
    return {
      merchant,
      shard,
      seq: state.seq,
      unarchivedEvents: segments.unarchivedEvents(),
      unpublishedHours: unconfirmed(ledger.hours.values()),
      unpublishedBooks: unconfirmed(ledger.books.values()),
      liveVisits: days.reduce((sum, day) => sum + [...day.visits.values()].flat().length, 0),
      hoursInMemory: days.reduce((sum, day) => sum + day.hours.size, 0),
      nextAlarmMs: this.#alarmAtMs,
      days: [...open, ...closed],
      rejectedExamples: state.rejectedExamples,
    };
  }

  async flush(): Promise<ShardStatus> {
    await this.#flush(true);
    return this.status();
  }

  async seal(): Promise<ShardStatus> {
    this.#parts.publisher.sealNow = true;
    return this.flush();
  }

  async erase(): Promise<void> {
    const { storage } = this.ctx;
    // Whoever waits for a commit finds its table gone, which ends the object, and hears later that the merchant is gone.
    await this.ctx.blockConcurrencyWhile(async () => {
      for (const socket of this.ctx.getWebSockets()) socket.close(1000);
      await storage.deleteAlarm();
      await storage.deleteAll();
      this.#alarmAtMs = null;
      this.#parts = this.#open();
      this.#memory.storage.markErased();
    });
    await storage.sync();
  }

  override async alarm(): Promise<void> {
    this.#alarmAtMs = null;
    await this.#flush(false);
  }

  /** The live view: a socket that hibernates with the object. The Worker has checked who asks. */
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(this.#live());
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    socket.send(this.#live());
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // 1005 and 1006 say that no code was sent; they may not be sent on.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  /** A commit is in memory: somebody must publish it in time, and viewers want to see it. */
  #committed(): void {
    const nowMs = Date.now();
    // An alarm may be set already, but for the end of the day.
    const publishAtMs = nowMs + Number(this.env.PUBLISH_AFTER_MS);
    if (this.#alarmAtMs === null || this.#alarmAtMs > publishAtMs) this.#setAlarm(publishAtMs);
    if (nowMs - this.#broadcastAtMs < LIVE_EVERY_MS) return;
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return;
    this.#broadcastAtMs = nowMs;
    const text = this.#live();
    for (const socket of sockets) socket.send(text);
  }

  #live(): string {
    return JSON.stringify(liveSnapshot(this.#memory.state, Date.now()));
  }

  #flush(force: boolean): Promise<void> {
    return this.#parts.publisher.flush(force, (atMs) => this.#setAlarm(atMs));
  }

  /** Of this merchant: this one or a sibling. */
  #shardAt(shard: number): Pick<MerchantShardApi, "claimOrder"> {
    const [merchant, own] = this.#address;
    return shard === own ? this : shardObject(this.env.MERCHANT_SHARD, merchant, shard);
  }

  #setAlarm(atMs: number): void {
    this.#alarmAtMs = atMs;
    void this.ctx.storage.setAlarm(atMs);
  }
}

const unconfirmed = (all: Iterable<Publishable>): number => [...all].filter((one) => one.seq > one.confirmedSeq).length;
