// A queue that bills its operations and hands messages over in batches as wrangler.toml says: a batch when it is full or
// its oldest message has waited long enough.

import type { Usage } from "./usage.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface QueueOptions<Message> {
  name: string;
  maxBatchSize: number;
  maxBatchMs: number;
  deliver: (batch: Message[]) => Promise<void>;
}

const OPERATION_BYTES = 64_000;
/** The queue's own, which count. */
const METADATA_BYTES = 100;
/** Written, read, deleted. */
const OPERATIONS_OF_A_MESSAGE = 3;

export class CountedQueue<Message extends object> {
  readonly #options: QueueOptions<Message>;
  readonly #time: VirtualTime;
  readonly #usage: Usage;
  #waiting: Message[] = [];
  #batches = 0;

  constructor(options: QueueOptions<Message>, time: VirtualTime, usage: Usage) {
    this.#options = options;
    this.#time = time;
    this.#usage = usage;
  }

  async sendBatch(messages: { body: Message }[]): Promise<void> {
    const { name, maxBatchSize, maxBatchMs } = this.#options;
    for (const { body } of messages) {
      const operations = OPERATIONS_OF_A_MESSAGE * Math.ceil((bytesOf(body) + METADATA_BYTES) / OPERATION_BYTES);
      this.#usage.add(`queue operations: ${name}`, "queueOperations", operations);
      if (this.#waiting.push(body) >= maxBatchSize) this.#handOver();
    }
    const batch = this.#batches;
    this.#time.at(this.#time.nowMs + maxBatchMs, () => {
      if (batch === this.#batches && this.#waiting.length > 0) this.#handOver();
    });
  }

  #handOver(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#batches++;
    this.#time.at(this.#time.nowMs, () => this.#options.deliver(batch));
  }
}

const bytesOf = (message: object): number => {
  const body = "body" in message && message.body instanceof Uint8Array ? message.body.length : 0;
  return body + JSON.stringify(message, (key, value: unknown) => (key === "body" ? undefined : value)).length;
};
