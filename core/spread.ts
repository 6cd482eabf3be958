// Over how many objects a merchant's visitors are spread on which day. A changed count holds from a local date on, so that no
// visit spans two countings; whoever reads asks as many objects as any day needs that may still be open.

/** From which local date on (YYYY-MM-DD) how many shards, oldest first. */
export type Spread = readonly { from: string; shards: number }[];
