// A clock that jumps from one thing to do to the next, so that a day takes as long as its work. Code that asks
// `Date.now()` or waits with `scheduler.wait` lives by it.

import { setImmediate as turn } from "node:timers/promises";

interface Task {
  atMs: number;
  /** Of two at the same instant the one that was asked for first. */
  order: number;
  run: () => unknown;
}

export class VirtualTime {
  nowMs: number;
  /** A heap: each is no later than its two children. */
  readonly #tasks: Task[] = [];
  #asked = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** What `run` returns is awaited, and so must not wait for the clock itself. */
  at(atMs: number, run: () => unknown): void {
    const tasks = this.#tasks;
    let place = tasks.push({ atMs: Math.max(atMs, this.nowMs), order: this.#asked++, run }) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(tasks[place]!, tasks[parent]!)) break;
      [tasks[place], tasks[parent]] = [tasks[parent]!, tasks[place]!];
      place = parent;
    }
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + ms, resolve));
  }

  /** Until nothing is left to do. */
  async run(): Promise<void> {
    for (let task = this.#take(); task !== undefined; task = this.#take()) {
      this.nowMs = task.atMs;
      await task.run();
      // Whoever was waiting for it goes on, up to where they wait for the clock again.
      await turn();
    }
  }

  #take(): Task | undefined {
    const tasks = this.#tasks;
    const first = tasks[0];
    const last = tasks.pop();
    if (first === last || last === undefined) return first;
    tasks[0] = last;
    for (let place = 0; ;) {
      let child = place * 2 + 1;
      if (child >= tasks.length) return first;
      if (child + 1 < tasks.length && isBefore(tasks[child + 1]!, tasks[child]!)) child++;
      if (!isBefore(tasks[child]!, tasks[place]!)) return first;
      [tasks[place], tasks[child]] = [tasks[child]!, tasks[place]!];
      place = child;
    }
  }
}

const isBefore = (a: Task, b: Task): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** From here on the whole process lives by the clock. */
export function liveBy(time: VirtualTime): void {
  Date.now = () => time.nowMs;
  Object.assign(globalThis, { scheduler: { wait: (ms: number) => time.wait(ms) } });
}
