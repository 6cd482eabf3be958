// All descriptions of routes. See describe.ts for how to add one.

import { COLLECT } from "./collect.ts";
import type { Description } from "./describe.ts";
import { FILES } from "./files.ts";
import { GRAPHQL } from "./graphql.ts";
import { META } from "./meta.ts";
import { OPS } from "./ops.ts";
import { REPLAYS } from "./replays.ts";
import { REPORTS } from "./reports.ts";
import { SESSION } from "./session.ts";

export const DESCRIPTIONS: readonly Description[] = [
  ...COLLECT,
  ...REPORTS,
  ...FILES,
  ...GRAPHQL,
  ...SESSION,
  ...OPS,
  ...REPLAYS,
  ...META,
];
