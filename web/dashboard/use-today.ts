// The merchant's present date; it changes by itself at the merchant's midnight.

import { useSyncExternalStore } from "react";
import { dateIn } from "./dates.ts";

const LOOK_EVERY_MS = 10_000;

const subscribe = (look: () => void): (() => void) => {
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => clearInterval(timer);
};

export const useToday = (zone: string): string => useSyncExternalStore(subscribe, () => dateIn(zone, Date.now()));
