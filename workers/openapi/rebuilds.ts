// After Postgres has been lost: see docs/operations.md.

import { z } from "zod";
import { DATE, type Description, json, refusal } from "./describe.ts";
import { RUN, RUN_BY, RUN_OF } from "./replays.ts";

export const REBUILDS: readonly Description[] = [
  {
    route: "POST /api/ops/rebuilds",
    topic: "Replay",
    audience: "operator",
    summary: "Put back what Postgres has lost",
    details:
      "Merchants, books and rollups, from R2, KV and the objects, as a run that is resumed and applied like any other. What " +
      "Postgres still has stays as it is.",
    body: {
      schema: z.object({
        ...RUN_OF,
        from: DATE.optional().describe("Left out: the first day there is."),
        to: DATE.optional(),
        ...RUN_BY,
      }),
    },
    answers: {
      202: json("The run.", RUN),
      400: refusal("See its pointer."),
      413: refusal("Too large."),
    },
  },
];
