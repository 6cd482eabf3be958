// For tests: what an answer says of itself in the middle of a day on which nothing is amiss.

import type { Answer } from "../../core/answer.ts";

export const META: Answer["meta"] = {
  fresh_to: "2026-11-24T14:23:05+01:00",
  complete_to: "2026-11-24T14:00:00+01:00",
  time_zone: "Europe/Berlin",
  currency: "EUR",
  source: { kind: "rollup", postgres_rows: 0, object_hours: 0 },
  cost: { rows: 0, bytes: 0, ms: 1 },
  generations: [0],
  approximate: [],
  notes: [],
  other: false,
  foreign: 0,
  stale: null,
  incomplete: [],
};
