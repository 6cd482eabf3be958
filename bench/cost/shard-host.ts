// One merchant's object on a platform of our own: the real code on counted storage. It sleeps as production's does:
// idle for ten seconds it loses its memory, and the next call constructs it again from what it has stored.

import { CountedSql } from "./counted-sql.ts";
import type { ShardClass, ShardCode } from "./object-module.ts";
import type { Usage } from "./usage.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface HostOptions {
  code: ShardClass;
  name: string;
  env: unknown;
  time: VirtualTime;
  usage: Usage;
}

const IDLE_MS = 10_000;
/** Until the log row is on enough disks. Whoever comes meanwhile shares the next row. */
const SYNC_MS = 5;
/** Wall-clock time that a call keeps the object awake; calls at the same time share it. An estimate. */
const CALL_MS = 20;
const MEMORY_GIGABYTES = 0.128;

export class ShardHost {
  /** How often it was constructed. */
  wakings = 0;
  readonly #options: HostOptions;
  readonly #sql: CountedSql;
  #object: ShardCode | null = null;
  #alarmAtMs: number | null = null;
  #callsUnderWay = 0;
  #lastCallMs = 0;
  /** Up to when its time has been counted. */
  #countedToMs = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    const { usage } = options;
    this.#sql = new CountedSql({
      wroteRows: (table, rows) => usage.add(`rows written: ${table}`, "rowsWritten", rows),
      readRows: (rows) => usage.add("rows read", "rowsRead", rows),
    });
  }

  async call<Answer>(what: string, ask: (object: ShardCode) => Promise<Answer>): Promise<Answer> {
    const { usage, time } = this.#options;
    usage.add(`object requests: ${what}`, "objectRequests");
    const object = await this.#awake();
    this.#callsUnderWay++;
    const startMs = time.nowMs;
    try {
      return await ask(object);
    } finally {
      this.#callsUnderWay--;
      this.#lastCallMs = time.nowMs;
      this.#countTime(startMs, Math.max(time.nowMs, startMs + CALL_MS));
    }
  }

  async #awake(): Promise<ShardCode> {
    const { code, env, time } = this.#options;
    const sleeps = this.#callsUnderWay === 0 && time.nowMs - this.#lastCallMs > IDLE_MS;
    if (this.#object !== null && !sleeps) return this.#object;
    this.wakings++;
    let ready: Promise<unknown> = Promise.resolve();
    const ctx = {
      id: { name: this.#options.name },
      storage: {
        sql: this.#sql,
        sync: () => time.wait(SYNC_MS),
        transactionSync: <Answer>(change: () => Answer): Answer => change(),
        getAlarm: async () => this.#alarmAtMs,
        setAlarm: async (atMs: number) => this.#setAlarm(atMs),
      },
      blockConcurrencyWhile: (run: () => Promise<unknown>) => (ready = run()),
      getWebSockets: () => [],
    };
    this.#object = new code(ctx, env);
    await ready;
    return this.#object;
  }

  #setAlarm(atMs: number): void {
    const { usage, time } = this.#options;
    usage.add("rows written: setAlarm", "rowsWritten");
    this.#alarmAtMs = atMs;
    time.at(atMs, async () => {
      // Another alarm has taken its place.
      if (this.#alarmAtMs !== atMs) return;
      this.#alarmAtMs = null;
      await this.call("alarm", (object) => object.alarm());
    });
  }

  #countTime(startMs: number, endMs: number): void {
    const fromMs = Math.max(startMs, this.#countedToMs);
    if (endMs <= fromMs) return;
    this.#countedToMs = endMs;
    this.#options.usage.add("object duration", "objectGigabyteSeconds", ((endMs - fromMs) / 1_000) * MEMORY_GIGABYTES);
  }
}
