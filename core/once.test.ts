import fc from "fast-check";
import { expect, test } from "vitest";
import { AT_MS, eventOf, merchantOf } from "./admission-fixture.ts";
import type { Event } from "./event.ts";
import { appendOnce } from "./once.ts";
import type { Merchant } from "./merchant.ts";
import { claimOrders, holds } from "./order-keepers.ts";
import { Rehearsal } from "./rehearsal.ts";

const order = (id: string, transaction_id = "A"): Event => eventOf(id, { name: "purchase", transaction_id, value: 1 });

/** Whatever goes over the network: it may take any time, not arrive, or arrive while its answer does not. */
type Hop = <Answer>(act: () => Answer | Promise<Answer>) => Promise<Answer>;
const direct: Hop = async (act) => act();

/** A merchant's shards, with the network between them. */
class World {
  readonly merchant: Merchant;
  readonly shards: Rehearsal[];
  readonly #deaths: number[];
  readonly #hop: Hop;

  constructor(shards: number, hop = direct) {
    this.merchant = merchantOf(shards);
    this.shards = Array.from({ length: shards }, () => new Rehearsal(this.merchant));
    this.#deaths = this.shards.map(() => 0);
    this.#hop = hop;
  }

  append(shard: number, events: readonly Event[], again: number): Promise<string> {
    const arrivals = events.map((event) => ({ line: "", event, orderTaken: false }));
    const batch = { merchant: this.merchant, shard, receivedAtMs: AT_MS };
    const living = this.#whileAlive(shard);
    const others = [...this.shards.keys()].filter((other) => other !== shard);
    return appendOnce(this.shards[shard]!.state, shard, arrivals, again, {
      ask: async (asked) => {
        const answers = await Promise.all(
          others.map((other) => this.#hop(() => this.shards[other]!.request({ asked }, other))),
        );
        living();
        return asked.map((_, i) => answers.some((letters) => letters[i] === "h"));
      },
      commit: async (open) => {
        await claimOrders(batch, open, (keeper, ...claim) => this.#hop(() => this.#claim(keeper, ...claim)));
        living();
        return this.#hop(() => {
          living();
          return this.shards[shard]!.request({ arrivals: open }, shard);
        });
      },
    });
  }

  /** The shard loses its memory and whatever it was doing, and comes back from its log. */
  die(shard: number, checkpoint: boolean): void {
    this.#deaths[shard]!++;
    if (checkpoint) this.shards[shard]!.checkpoint();
    this.shards[shard]!.recover();
  }

  /** In how many shards each event was counted. */
  counted(): Map<string, number> {
    const events = this.shards.flatMap(({ log }) =>
      log.flatMap((row) => (JSON.parse(row) as { events: Event[] }).events),
    );
    return new Map([...Map.groupBy(events, ({ id }) => id)].map(([id, ones]) => [id, ones.length]));
  }

  ordersCounted(): (string | undefined)[] {
    const events = this.shards.flatMap(({ log }) =>
      log.flatMap((row) => (JSON.parse(row) as { events: Event[] }).events),
    );
    return events.filter(({ name }) => name === "purchase").map(({ transaction_id }) => transaction_id);
  }

  #claim(keeper: number, id: string, claimant: string, settled: boolean): boolean {
    const shard = this.shards[keeper]!;
    if (shard.state.orderHolder(id) === null) shard.request({ claims: [[id, claimant]] }, keeper);
    return holds(shard.state.orderHolder(id), claimant, settled);
  }

  #whileAlive(shard: number): () => void {
    const deaths = this.#deaths[shard];
    return () => {
      if (this.#deaths[shard] !== deaths) throw new Error("the object has died");
    };
  }
}

test("an event that is sent again counts once, whichever shard it comes to", async () => {
  const world = new World(3);
  expect(await world.append(0, [eventOf("1"), eventOf("2")], 0)).toBe("aa");
  expect(await world.append(1, [eventOf("1"), eventOf("3"), eventOf("4")], 2)).toBe("daa");
  expect(await world.append(2, [eventOf("3"), eventOf("4"), eventOf("5")], 2)).toBe("dda");
  world.die(1, true);
  world.die(2, false);
  expect(await world.append(2, [eventOf("2"), eventOf("3"), eventOf("5")], 3)).toBe("ddd");
  expect([...world.counted().values()]).toEqual([1, 1, 1, 1, 1]);
});

test("the first attempt comes late: it finds that another shard has the event", async () => {
  const world = new World(2);
  expect(await world.append(1, [eventOf("1")], 1)).toBe("a");
  world.die(0, true);
  expect(await world.append(0, [eventOf("1")], 0)).toBe("d");
});

test("an id that was given up for an attempt that came to nothing is taken by the first that comes, wherever", async () => {
  const world = new World(3);
  world.shards[0]!.request({ asked: [["1", 1_025]] });
  world.shards[2]!.request({ asked: [["1", 1_025]] });
  expect(await world.append(0, [eventOf("1")], 0)).toBe("a");
  expect(await world.append(1, [eventOf("1")], 1)).toBe("d");
});

test("a shard that is asked all the time tells nobody that it has what it has not: it throws", async () => {
  const world = new World(2);
  const [shard] = world.shards;
  let stamp = 1_025;
  const answer = appendOnce(shard!.state, 0, [{ line: "", event: eventOf("1"), orderTaken: false }], 1, {
    ask: async () => {
      shard!.request({ asked: [["1", (stamp += 10_240)]] });
      return [false];
    },
    commit: async (arrivals) => shard!.request({ arrivals }),
  });
  await expect(answer).rejects.toThrow("overloaded");
  expect(world.counted().size).toBe(0);
});

test("what another shard is asked about meanwhile is in no book until it is decided", async () => {
  const world = new World(2);
  world.shards[0]!.request({ asked: [["1", 1_025]] });
  await world.append(0, [eventOf("1"), eventOf("2")], 0);
  expect([...world.shards[0]!.state.days.values()].map(({ books }) => [books.received, books.accepted])).toEqual([
    [2, 2],
  ]);
});

test("an order whose event left a claim at another shard is that event's, once nobody has it; for another event it is taken", async () => {
  const world = new World(3);
  for (const { state } of world.shards) state.claim("A", "0:1");
  // Who does not say that it was sent before may be counted there still.
  expect(await world.append(1, [order("1")], 0)).toBe("o");
  expect(await world.append(1, [order("2")], 1)).toBe("o");
  expect(await world.append(1, [order("1")], 1)).toBe("a");
  expect(await world.append(2, [order("1"), order("3")], 1)).toBe("do");
});

interface Attempt {
  to: number;
  /** When it fails the Worker puts it into the overflow queue, and says 202. */
  overflow: boolean;
}
/** Who has the same events and sends them until it is told that they have arrived, or is never seen again. */
type Holder = Attempt[];

const attempt = fc.record({ to: fc.nat(3), overflow: fc.boolean() });
const story = fc.record({
  shards: fc.integer({ min: 2, max: 4 }),
  groups: fc.array(fc.array(fc.array(attempt, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  }),
  deaths: fc.array(fc.record({ shard: fc.nat(3), checkpoint: fc.boolean() }), { maxLength: 4 }),
  faults: fc.array(fc.constantFrom("lost", "deaf", "", "", "", ""), { minLength: 1, maxLength: 40 }),
});

test("whatever overtakes, fails or dies: no event and no order counts twice, and what was acknowledged counts", async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.scheduler(), async ({ shards, groups, deaths, faults }, scheduler) => {
      const faultsLeft = [...faults];
      const hop: Hop = async (act) => {
        await scheduler.schedule(Promise.resolve());
        const fault = faultsLeft.shift();
        if (fault === "lost") throw new Error("it has not arrived");
        const answer = await act();
        await scheduler.schedule(Promise.resolve());
        if (fault === "deaf") throw new Error("its answer has not arrived");
        return answer;
      };
      const world = new World(shards, hop);
      const acknowledged = new Set<string>();
      const told = (events: Event[]): void => events.forEach(({ id }) => acknowledged.add(id));
      const send = ({ to }: Attempt, events: Event[], again: number): Promise<string> =>
        hop(() => world.append(to % shards, events, again));
      const redeliver = async (one: Attempt, events: Event[], again: number): Promise<void> => {
        for (;;) {
          try {
            return void (await send(one, events, again));
          } catch {}
        }
      };
      const hold = async (holder: Holder, events: Event[], isFirst: boolean): Promise<void> => {
        for (const [n, one] of holder.entries()) {
          const again = isFirst && n === 0 ? 0 : events.length;
          try {
            await send(one, events, again);
            return told(events);
          } catch {
            if (one.overflow) {
              told(events);
              return redeliver(one, events, again);
            }
          }
        }
      };
      const everybody = groups.flatMap((holders, group) => {
        const events = [eventOf(`${group}`), order(`order ${group}`, `${group}`)];
        return holders.map((holder, n) => hold(holder, events, n === 0));
      });
      const dying = deaths.map(async ({ shard, checkpoint }) => {
        await scheduler.schedule(Promise.resolve());
        world.die(shard % shards, checkpoint);
      });
      await scheduler.waitFor(Promise.all([...everybody, ...dying]));
      const counted = world.counted();
      expect([...counted.values()].filter((n) => n > 1)).toEqual([]);
      for (const id of acknowledged) expect([id, counted.get(id)]).toEqual([id, 1]);
      expect(new Set(world.ordersCounted()).size).toBe(world.ordersCounted().length);
    }),
    { seed: 20261124, numRuns: 1_500 },
  );
});
