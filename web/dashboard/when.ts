// Instants as the reader writes them, on the reader's clock. Pure but for the locale.

/** "24 Nov 2026"; `otherwise` where there is none. */
export const dayOf = (instant: string | null, otherwise: string): string =>
  instant === null ? otherwise : new Date(instant).toLocaleDateString(undefined, { dateStyle: "medium" });

/** "24 Nov 2026, 14:05" */
export const momentOf = (instant: string | null, otherwise: string): string =>
  instant === null
    ? otherwise
    : new Date(instant).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const DAY_MS = 86_400_000;

/** How long something may hold, as forms offer it: days, "" for ever. */
export const LIFETIMES = [
  { days: "", label: "Never" },
  { days: "7", label: "In 7 days" },
  { days: "30", label: "In 30 days" },
  { days: "90", label: "In 90 days" },
  { days: "365", label: "In a year" },
] as const;

/** ISO 8601, or null for ever. */
export const expiryIn = (days: string, nowMs: number): string | null =>
  days === "" ? null : new Date(nowMs + Number(days) * DAY_MS).toISOString();
