// The live view over WebSockets, one per shard of the merchant. Each shard sends snapshots of itself; the view is
// their sum. A lost socket comes back by itself, later each time; while it is away its last snapshot is left out,
// because a visitor of ten minutes ago is not here now.

import type { LiveSnapshot } from "../../core/messages.ts";
import { socketProtocols } from "./api.ts";

/** Of the newest. */
const LIVE_ORDERS_SHOWN = 10;
const LIVE_PAGES_SHOWN = 5;
const ASK_EVERY_MS = 10_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export interface Live {
  /** "live" once every shard has spoken, "connecting" until then and after a loss. */
  status: "connecting" | "live";
  snapshot: LiveSnapshot | null;
}

/** The sum over shards. A visitor belongs to one shard, so counts add up. */
export const mergeSnapshots = (snapshots: readonly LiveSnapshot[]): LiveSnapshot | null => {
  if (snapshots.length === 0) return null;
  const minutes = new Map<number, LiveSnapshot["minutes"][number]>();
  const pages = new Map<string, number>();
  const countries = new Map<string, number>();
  for (const snapshot of snapshots) {
    for (const { atMs, visitors, pageviews, orders } of snapshot.minutes) {
      const sum = minutes.get(atMs) ?? { atMs, visitors: 0, pageviews: 0, orders: 0 };
      sum.visitors += visitors;
      sum.pageviews += pageviews;
      sum.orders += orders;
      minutes.set(atMs, sum);
    }
    for (const { page, visitors } of snapshot.pages) pages.set(page, (pages.get(page) ?? 0) + visitors);
    for (const { country, visitors } of snapshot.countries ?? [])
      countries.set(country, (countries.get(country) ?? 0) + visitors);
  }
  return {
    kind: "live",
    atMs: Math.max(...snapshots.map(({ atMs }) => atMs)),
    visitorsNow: snapshots.reduce((sum, { visitorsNow }) => sum + visitorsNow, 0),
    // Shards that were asked at different moments may differ by a minute at either end.
    minutes: [...minutes.values()].toSorted((a, b) => a.atMs - b.atMs).slice(-30),
    pages: [...pages]
      .map(([page, visitors]) => ({ page, visitors }))
      .toSorted((a, b) => b.visitors - a.visitors || (a.page < b.page ? -1 : 1))
      .slice(0, LIVE_PAGES_SHOWN),
    countries: [...countries]
      .map(([country, visitors]) => ({ country, visitors }))
      .toSorted((a, b) => b.visitors - a.visitors || (a.country < b.country ? -1 : 1)),
    orders: snapshots
      .flatMap(({ orders }) => orders)
      .toSorted((a, b) => b.atMs - a.atMs)
      .slice(0, LIVE_ORDERS_SHOWN),
  };
};

/** Doubles with each attempt up to a minute; half of it is chance, so that many readers do not return at once. */
export const retryDelayMs = (attempt: number, chance: number): number => {
  const whole = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt);
  return whole / 2 + (whole / 2) * chance;
};

/** Null for what is not a snapshot: an older or newer server may say more than we know. */
export const readSnapshot = (data: unknown): LiveSnapshot | null => {
  if (typeof data !== "string") return null;
  try {
    const said = JSON.parse(data) as { kind?: unknown } | null;
    return said?.kind === "live" ? (said as LiveSnapshot) : null;
  } catch {
    return null;
  }
};

/** Keeps a socket to each shard and reports the sum whenever it changes. Returns what ends it. */
export const followLive = (merchant: string, shards: number, onChange: (live: Live) => void): (() => void) => {
  const snapshots = new Map<number, LiveSnapshot>();
  const report = (): void =>
    onChange({
      status: snapshots.size === shards ? "live" : "connecting",
      snapshot: mergeSnapshots([...snapshots.values()]),
    });
  const ends = Array.from({ length: shards }, (_, shard) =>
    followShard(merchant, shard, (snapshot) => {
      if (snapshot === null) snapshots.delete(shard);
      else snapshots.set(shard, snapshot);
      report();
    }),
  );
  return () => {
    for (const end of ends) end();
  };
};

function followShard(merchant: string, shard: number, onSnapshot: (snapshot: LiveSnapshot | null) => void): () => void {
  let ended = false;
  let attempt = 0;
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const open = (): void => {
    const address = new URL("/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("merchant", merchant);
    address.searchParams.set("shard", String(shard));
    socket = new WebSocket(address, socketProtocols());
    socket.addEventListener("message", ({ data }) => {
      const snapshot = readSnapshot(data);
      if (snapshot === null || ended) return;
      attempt = 0;
      onSnapshot(snapshot);
    });
    socket.addEventListener("close", () => {
      if (ended) return;
      onSnapshot(null);
      retry = setTimeout(open, retryDelayMs(attempt, Math.random()));
      attempt += 1;
    });
  };
  const askNow = (): void => {
    if (document.visibilityState === "visible" && socket?.readyState === WebSocket.OPEN) socket.send("now");
  };

  open();
  const asking = setInterval(askNow, ASK_EVERY_MS);
  document.addEventListener("visibilitychange", askNow);
  return () => {
    ended = true;
    clearTimeout(retry);
    clearInterval(asking);
    document.removeEventListener("visibilitychange", askNow);
    // One that is only being opened cannot be closed without the browser complaining.
    if (socket?.readyState === WebSocket.CONNECTING)
      socket.addEventListener("open", (event) => (event.target as WebSocket).close());
    else socket?.close();
  };
}
