// One shard of a merchant: makes events durable, counts each once, keeps the open days' counters, and sees that R2 and
// Postgres get them. Memory is a cache of the log (law 4): the constructor reads the checkpoint and folds the log rows
// after it, so an eviction, a deploy or a crash changes nothing.
//
//   append ─► pending ─► commit: admit → one log row → fold → durable → receipts      (group commit: whoever arrives
//                                                                                      meanwhile shares the next one)
//   alarm  ─► plan: hours and books → queue rollups · closed segments → queue events · checkpoint
//   confirm ◄─ the consumers, once Postgres or R2 has it

import { DurableObject } from "cloudflare:workers";
import { shardName } from "../core/address.ts";
import { Admission, type Arrival, type Receipt } from "../core/admission.ts";
import { addTo } from "../core/books.ts";
import { planClosing, type ClosingPlan } from "../core/closing.ts";
import type { Event } from "../core/event.ts";
import { planFlush, type FlushPlan, type Publishable } from "../core/flush.ts";
import { CHECKPOINT_LOG_BYTES_MAX, CHUNK_BYTES_TARGET, LOG_ROW_BYTES_MAX, PENDING_BYTES_MAX } from "../core/limits.ts";
import { liveSnapshot } from "../core/live.ts";
import type { Merchant } from "../core/merchant.ts";
import type {
  AppendBatch,
  Confirmation,
  HoursAnswer,
  HoursRequest,
  MerchantShardApi,
  Receipts,
  SealMessage,
  ShardStatus,
} from "../core/messages.ts";
import { hashId } from "../core/recent-ids.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import type { Commit, Notes, ShardState } from "../core/shard.ts";
import { dayAt } from "../core/zone.ts";
import type { ObjectBindings } from "./bindings.ts";
import { evictHours, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { Ledger } from "./ledger.ts";
import { booksMessage, chunkMessages, rollupMessages, segmentDates, sendAll } from "./outbox.ts";
import { Segments } from "./segments.ts";
import { ShardStorage } from "./shard-storage.ts";

/** A request waiting for its commit. */
interface Pending {
  merchant: Merchant;
  arrivals: Arrival[];
  rejected: Record<string, number>;
  claims: [string, string][];
  receivedAtMs: number;
  bytes: number;
  resolve: (receipts: Receipts) => void;
  reject: (error: unknown) => void;
}

const LIVE_EVERY_MS = 1_000;

export class MerchantShard extends DurableObject<ObjectBindings> implements MerchantShardApi {
  readonly #storage: ShardStorage;
  readonly #state: ShardState;
  readonly #segments: Segments;
  readonly #ledger: Ledger;
  /** Position of the first event id in memory, and of the first that the checkpoint does not have. */
  readonly #idsBase: number;
  #idsSaved: number;
  #checkpointSeq: number;
  #bytesSinceCheckpoint = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #committing = false;
  #alarmAtMs: number | null = null;
  #broadcastAtMs = 0;
  /** Days that are over do not wait for their grace: ops said so. Until the object sleeps. */
  #sealNow = false;

  constructor(ctx: DurableObjectState, env: ObjectBindings) {
    super(ctx, env);
    this.#storage = new ShardStorage(ctx.storage.sql);
    const recovered = loadCheckpoint(this.#storage);
    this.#state = recovered.state;
    this.#idsBase = recovered.idsBase;
    this.#checkpointSeq = recovered.seq;
    this.#idsSaved = recovered.idsBase + recovered.state.eventIds.added;
    this.#segments = new Segments(this.#storage);
    this.#ledger = new Ledger(this.#storage);
    for (const row of this.#segments.rowsAfter(this.#checkpointSeq)) {
      const events = row.events === "" ? [] : row.events.split("\n").map((line) => JSON.parse(line) as Event);
      this.#state.apply({ seq: row.seq, events, notes: row.notes });
      this.#bytesSinceCheckpoint += row.events.length;
    }
    this.#ledger.observe(this.#state);
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAtMs = await ctx.storage.getAlarm();
    });
  }

  async append(batch: AppendBatch): Promise<Receipts> {
    const bytes = batch.lines.reduce((sum, line) => sum + line.length, 0);
    if (this.#pendingBytes + bytes > PENDING_BYTES_MAX)
      throw new Error("overloaded: too many events wait for a commit");
    const arrivals = batch.lines.map((line): Arrival => ({
      line,
      event: JSON.parse(line) as Event,
      orderTaken: false,
    }));
    if (batch.merchant.shards > 1) await this.#claimElsewhere(batch, arrivals);
    return this.#enqueue({
      merchant: batch.merchant,
      arrivals,
      rejected: batch.rejected,
      claims: [],
      receivedAtMs: batch.receivedAtMs,
      bytes,
    });
  }

  async claimOrder(merchant: Merchant, order: string, eventId: string): Promise<boolean> {
    const holder = this.#state.orderHolder(order);
    if (holder !== null) return holder === eventId;
    const receivedAtMs = Date.now();
    const pending = { merchant, arrivals: [], rejected: {}, claims: [[order, eventId]] as [string, string][] };
    await this.#enqueue({ ...pending, receivedAtMs, bytes: order.length });
    return this.#state.orderHolder(order) === eventId;
  }

  async confirm(confirmations: Confirmation[]): Promise<void> {
    for (const confirmation of confirmations) {
      if (confirmation.kind === "chunk") this.#segments.confirm(confirmation, this.#zone());
      else this.#ledger.confirm(confirmation);
    }
    this.#ledger.save();
    // The last confirmation that a day has waited for closes it, and asks for its seal.
    const { close, seal } = this.#planClosing();
    if (close.length + seal.length > 0) await this.#flush(false);
  }

  async hours(request: HoursRequest): Promise<HoursAnswer> {
    const confirmedSeqs: number[] = [];
    const answer: HoursAnswer = { hours: [], confirmed: [], confirmedSeqs, asOfMs: Date.now(), seq: this.#state.seq };
    for (const [hourMs, standing] of this.#ledger.hours) {
      if (hourMs < request.fromMs || hourMs >= request.toMs) continue;
      if (!request.all && standing.confirmedSeq >= standing.seq) {
        answer.confirmed.push(hourMs);
        confirmedSeqs.push(standing.seq);
        continue;
      }
      const hour = this.#state.dayAt(hourMs).existingHour(hourMs);
      if (hour === null) continue;
      answer.hours.push(snapshot(hour, ...this.#address(), request));
    }
    evictHours(this.#state);
    return answer;
  }

  async status(): Promise<ShardStatus> {
    const [merchant, shard] = this.#address();
    const unpublished = (all: Iterable<Publishable>) => [...all].filter((one) => one.seq > one.confirmedSeq).length;
    const days = [...this.#state.days.values()];
    return {
      merchant,
      shard,
      seq: this.#state.seq,
      unarchivedEvents: this.#segments.unarchivedEvents(),
      unpublishedHours: unpublished(this.#ledger.hours.values()),
      unpublishedBooks: unpublished(this.#ledger.books.values()),
      liveVisits: days.reduce((sum, day) => sum + [...day.visits.values()].flat().length, 0),
      hoursInMemory: days.reduce((sum, day) => sum + day.hours.size, 0),
      nextAlarmMs: this.#alarmAtMs,
      days: [
        ...days.map((day) => ({ date: day.day.date, books: day.books, state: "open" as const })),
        ...[...this.#state.closed].map(([date, { books, seq }]) => ({
          date,
          books,
          state: (this.#ledger.seals.get(date)?.confirmedSeq ?? 0) >= seq ? ("sealed" as const) : ("closed" as const),
        })),
      ],
    };
  }

  async flush(): Promise<ShardStatus> {
    await this.#flush(true);
    return this.status();
  }

  async seal(): Promise<ShardStatus> {
    this.#sealNow = true;
    return this.flush();
  }

  override async alarm(): Promise<void> {
    this.#alarmAtMs = null;
    await this.#flush(false);
  }

  /** The live view: a socket that hibernates with the object. The Worker has checked who asks. */
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(JSON.stringify(liveSnapshot(this.#state, Date.now())));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    socket.send(JSON.stringify(liveSnapshot(this.#state, Date.now())));
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // 1005 and 1006 say that no code was sent; they may not be sent on.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  // --- commit ---------------------------------------------------------------------------------------------------

  #enqueue(request: Omit<Pending, "resolve" | "reject">): Promise<Receipts> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ ...request, resolve, reject });
      this.#pendingBytes += request.bytes;
      if (!this.#committing) void this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    this.#committing = true;
    while (this.#pending.length > 0) {
      // One turn of the event loop, so that requests which have arrived already share this commit.
      await scheduler.wait(0);
      const group = this.#takeGroup();
      try {
        const receipts = this.#commit(group);
        await this.ctx.storage.sync();
        group.forEach((pending, i) => pending.resolve(receipts[i]!));
        this.#broadcast();
      } catch (error) {
        for (const pending of group) pending.reject(error);
      }
    }
    this.#committing = false;
  }

  /** As many waiting requests as one row may hold; at least one. */
  #takeGroup(): Pending[] {
    let bytes = 0;
    let n = 0;
    while (n < this.#pending.length && (n === 0 || bytes + this.#pending[n]!.bytes <= LOG_ROW_BYTES_MAX)) {
      bytes += this.#pending[n++]!.bytes;
    }
    this.#pendingBytes -= bytes;
    return this.#pending.splice(0, n);
  }

  // Without an await: either the row, a new segment, the checkpoint and the alarm are all durable, or none is.
  #commit(group: readonly Pending[]): Receipts[] {
    const { commit, lines, receipts } = this.#admit(group);
    this.#segments.append(commit.seq, lines, commit.notes);
    this.#state.apply(commit);
    this.#ledger.observe(this.#state);
    const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
    this.#bytesSinceCheckpoint += bytes;
    if (this.#segments.openBytes >= CHUNK_BYTES_TARGET) this.#segments.close();
    if (this.#bytesSinceCheckpoint >= CHECKPOINT_LOG_BYTES_MAX) this.#checkpoint();
    if (this.#alarmAtMs === null) this.#setAlarm(Date.now() + Number(this.env.PUBLISH_AFTER_MS));
    return receipts;
  }

  #admit(group: readonly Pending[]): { commit: Commit; lines: string[]; receipts: Receipts[] } {
    const admission = new Admission(this.#state);
    const merchant = group.at(-1)!.merchant;
    const notes: Notes = {
      receivedAtMs: group[0]!.receivedAtMs,
      received: {},
      duplicate: {},
      rejected: {},
      claims: group.flatMap((pending) => pending.claims),
    };
    if (JSON.stringify(this.#state.merchant) !== JSON.stringify(merchant)) notes.merchant = merchant;
    const lines: string[] = [];
    const events: Event[] = [];
    const receipts = group.map((pending) => {
      noteRejected(notes, pending);
      const letters = pending.arrivals.map((arrival): Receipt => {
        const receipt = admission.judge(arrival);
        const { date } = dayAt(merchant.zone, arrival.event.occurred_at);
        addTo(notes.received, date);
        if (receipt === "a" || receipt === "l") {
          lines.push(arrival.line);
          events.push(arrival.event);
        } else addTo(notes.duplicate, date);
        return receipt;
      });
      return letters.join("");
    });
    return { commit: { seq: this.#state.seq + 1, events, notes }, lines, receipts };
  }

  // Purchases whose order is kept by another shard: that shard says who was first, durably, before we accept.
  async #claimElsewhere(batch: AppendBatch, arrivals: Arrival[]): Promise<void> {
    const asking = arrivals.map(async (arrival) => {
      const { name, transaction_id: order, id } = arrival.event;
      if (name !== "purchase" || order === undefined) return;
      const keeper = hashId(order).lo % batch.merchant.shards;
      if (keeper === batch.shard) return;
      const stub = this.env.MERCHANT_SHARD.getByName(shardName(batch.merchant.id, keeper));
      arrival.orderTaken = !(await (stub as unknown as MerchantShardApi).claimOrder(batch.merchant, order, id));
    });
    await Promise.all(asking);
  }

  #broadcast(): void {
    const nowMs = Date.now();
    if (nowMs - this.#broadcastAtMs < LIVE_EVERY_MS) return;
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return;
    this.#broadcastAtMs = nowMs;
    const text = JSON.stringify(liveSnapshot(this.#state, nowMs));
    for (const socket of sockets) socket.send(text);
  }

  // --- publish --------------------------------------------------------------------------------------------------

  async #flush(force: boolean): Promise<void> {
    if (this.#state.merchant === null) return;
    let closing = this.#planClosing();
    if (closing.close.length > 0) {
      this.#closeDays(closing.close);
      closing = this.#planClosing();
    }
    const plan = this.#plan(force || closing.settle);
    if (plan.closeSegment) this.#segments.close();
    if (plan.checkpoint || this.#segments.archived.length > 0) {
      this.ctx.storage.transactionSync(() => this.#checkpoint());
    }
    const wakeAtMs = [plan.nextAlarmMs, closing.nextAlarmMs].filter((atMs) => atMs !== null);
    if (wakeAtMs.length > 0) this.#setAlarm(Math.min(...wakeAtMs));
    try {
      await this.#publish(plan);
      await this.#archive(plan.closeSegment ? this.#segments.unsent() : plan.archive);
      await this.#askForSeals(closing.seal);
    } catch (error) {
      // The queue is out of reach: nothing is marked as sent, the next alarm tries again.
      console.error(JSON.stringify({ event: "flush_failed", shard: this.#address().join("/"), error: String(error) }));
      if (force) throw error;
    }
  }

  #planClosing(): ClosingPlan {
    const open = [...this.#state.days.values()].map(({ day, booksSeq, touchedMs }) => ({
      date: day.date,
      endMs: day.endMs,
      touchedMs: this.#sealNow ? 0 : touchedMs,
      settled: this.#ledger.hasConfirmed(day.date, day.startMs, day.endMs) && this.#segments.hasArchived(booksSeq),
    }));
    const closed = [...this.#state.closed].map(([date, { seq, booksSeq, touchedMs }]) => {
      const { confirmedSeq: sealedSeq = 0, sent = null } = this.#ledger.seals.get(date) ?? {};
      const settled = this.#ledger.hasConfirmed(date, 0, 0) && this.#segments.hasArchived(Math.max(seq, booksSeq));
      return { date, seq, touchedMs: this.#sealNow ? 0 : touchedMs, settled, sealedSeq, sent };
    });
    return planClosing(Date.now(), open, closed, {
      sealAfterMs: this.#sealNow ? 0 : Number(this.env.SEAL_AFTER_MS),
      repeatAfterMs: Number(this.env.PUBLISH_AFTER_MS),
    });
  }

  // A commit of its own, so that recovery knows too; then nothing of those days is kept but their books.
  #closeDays(dates: readonly string[]): void {
    const days = dates.map((date) => this.#state.days.get(date)!.day);
    const notes: Notes = {
      receivedAtMs: Date.now(),
      received: {},
      duplicate: {},
      rejected: {},
      claims: [],
      closed: [...dates],
    };
    const commit = { seq: this.#state.seq + 1, events: [], notes };
    this.ctx.storage.transactionSync(() => {
      this.#segments.append(commit.seq, [], notes);
      for (const { startMs, endMs } of days) this.#storage.dropHours(startMs, endMs);
    });
    this.#state.apply(commit);
    for (const { startMs, endMs } of days) this.#ledger.forgetHours(startMs, endMs);
    this.#ledger.observe(this.#state);
  }

  async #askForSeals(dates: readonly string[]): Promise<void> {
    const shard = this.#address()[1];
    const messages = dates.map((date): SealMessage => {
      const { merchant, seq } = this.#state.closed.get(date)!;
      return { kind: "seal", merchant, shard, date, seq };
    });
    await sendAll(this.env.SEAL_QUEUE, messages);
    for (const { date, seq } of messages) this.#ledger.sentSeal(date, seq, Date.now());
  }

  #plan(force: boolean): FlushPlan {
    return planFlush(
      {
        nowMs: Date.now(),
        hours: this.#ledger.hours,
        books: this.#ledger.books,
        segments: this.#segments.views(),
        bytesSinceCheckpoint: this.#bytesSinceCheckpoint,
      },
      {
        publishAfterMs: Number(this.env.PUBLISH_AFTER_MS),
        archiveAfterMs: Number(this.env.ARCHIVE_AFTER_MS),
        checkpointBytes: CHECKPOINT_LOG_BYTES_MAX,
        force,
      },
    );
  }

  async #publish(plan: FlushPlan): Promise<void> {
    const address = this.#address();
    // Snapshots first, without an await between them: each is its hour as of its sequence.
    const rollups = plan.hours.flatMap((hourMs) => {
      const hour = this.#state.dayAt(hourMs).existingHour(hourMs);
      return hour === null ? [] : [snapshot(hour, ...address, EVERYTHING)];
    });
    const books = plan.books.flatMap((date) => {
      const day = this.#state.days.get(date) ?? this.#state.closed.get(date);
      return day === undefined ? [] : [booksMessage(...address, date, day.booksSeq, day.books)];
    });
    const messages = (await Promise.all(rollups.map((one) => rollupMessages(one, this.env.ARCHIVE)))).flat();
    await sendAll(this.env.ROLLUPS_QUEUE, [...messages, ...books]);
    const atMs = Date.now();
    for (const rollup of rollups) this.#ledger.sentHour(rollup.hour, rollup.seq, atMs);
    for (const book of books) this.#ledger.sentBooks(book.date, book.seq, atMs);
  }

  async #archive(firsts: readonly number[]): Promise<void> {
    for (const first of firsts) {
      const segment = this.#segments.read(first);
      const dates = segmentDates(segment, this.#zone());
      this.#segments.sent(first, [...dates.keys()], Date.now());
      await sendAll(this.env.EVENTS_QUEUE, await chunkMessages(...this.#address(), segment, dates));
    }
  }

  // Segments that R2 has confirmed go with it: recovery does not need their rows any more.
  #checkpoint(): void {
    saveCheckpoint(this.#storage, this.#state, this.#idsBase, this.#idsSaved);
    this.#idsSaved = this.#idsBase + this.#state.eventIds.added;
    this.#checkpointSeq = this.#state.seq;
    this.#bytesSinceCheckpoint = 0;
    this.#segments.dropArchived();
  }

  #setAlarm(atMs: number): void {
    this.#alarmAtMs = atMs;
    void this.ctx.storage.setAlarm(atMs);
  }

  #zone(): string {
    return this.#state.merchant?.zone ?? "Etc/UTC";
  }

  /** Merchant id and shard, from the object's name. */
  #address(): [string, number] {
    const [merchant, shard] = (this.ctx.id.name ?? "/0").split("/");
    return [merchant!, Number(shard)];
  }
}

function noteRejected(notes: Notes, pending: Pending): void {
  const reasons = Object.entries(pending.rejected);
  if (reasons.length === 0) return;
  const { date } = dayAt(pending.merchant.zone, pending.receivedAtMs);
  for (const [reason, n] of reasons) {
    addTo(notes.received, date, n);
    addTo((notes.rejected[date] ??= {}), reason, n);
  }
}
