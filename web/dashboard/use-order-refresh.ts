// A new order in the live view is in the numbers too: they are asked again at once instead of at their next turn. Not
// more often than every few seconds, however well a shop sells.

import { useEffect, useRef } from "react";
import { useSWRConfig } from "swr";
import type { LiveSnapshot } from "../../core/messages.ts";
import { isAskedOpen } from "./use-answer.ts";

const REST_MS = 5_000;

export const useOrderRefresh = (snapshot: LiveSnapshot | null): void => {
  const { mutate } = useSWRConfig();
  const last = useRef<{ order: string; refreshedMs: number } | null>(null);
  const order = snapshot === null ? null : JSON.stringify(snapshot.orders[0] ?? null);
  useEffect(() => {
    if (order === null || order === last.current?.order) return;
    const nowMs = Date.now();
    const isFirst = last.current === null;
    const rests = nowMs - (last.current?.refreshedMs ?? 0) < REST_MS;
    last.current = { order, refreshedMs: isFirst || rests ? (last.current?.refreshedMs ?? 0) : nowMs };
    if (!isFirst && !rests) void mutate(isAskedOpen);
  }, [order, mutate]);
};
