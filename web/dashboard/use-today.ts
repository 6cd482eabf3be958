// The merchant's present date; it changes by itself at the merchant's midnight.

import { useEffect, useState } from "react";
import { dateIn } from "./dates.ts";

const LOOK_EVERY_MS = 10_000;

export const useToday = (zone: string): string => {
  const [, look] = useState(0);
  const today = dateIn(zone, Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (dateIn(zone, Date.now()) !== today) look((times) => times + 1);
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [zone, today]);
  return today;
};
