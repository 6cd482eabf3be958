// Over how many objects a merchant's visitors are spread on which local day. A changed count holds from a day on, so that no
// visit is counted in two places. Whoever reads asks as many objects as there ever were: that is right for every day, and
// for events that come late.

/** From which local date on (YYYY-MM-DD) how many shards, oldest first. Before the first one it is the first one's. */
export type Spread = readonly { from: string; shards: number }[];

/** Of a merchant's events of that local date. */
export function shardsOn({ shards, spread }: { shards: number; spread?: Spread }, date: string): number {
  if (spread === undefined) return shards;
  const holding = spread.findLast(({ from }) => from <= date) ?? spread[0];
  return holding?.shards ?? shards;
}

/** With another count from a date on; what was to hold from that date or a later one is not to be any more. */
export function respread(merchant: { shards: number; spread?: Spread }, from: string, shards: number): Spread {
  const before = (merchant.spread ?? [{ from: EVER, shards: merchant.shards }]).filter((each) => each.from < from);
  return before.at(-1)?.shards === shards ? before : [...before, { from, shards }];
}

/** How many objects there are to ask. */
export const shardsEver = (spread: Spread): number => Math.max(...spread.map(({ shards }) => shards));

const EVER = "0001-01-01";
