// All descriptions of routes. See describe.ts for how to add one.

import { ACCOUNTS } from "./accounts.ts";
import { AUDITS } from "./audits.ts";
import { COLLECT } from "./collect.ts";
import { CONFIGURATION } from "./configuration.ts";
import type { Description } from "./describe.ts";
import { ERASURES } from "./erasures.ts";
import { FILES } from "./files.ts";
import { FUNNELS } from "./funnels.ts";
import { GRAPHQL } from "./graphql.ts";
import { MERCHANTS } from "./merchants.ts";
import { JOBS } from "./jobs.ts";
import { META } from "./meta.ts";
import { OPS } from "./ops.ts";
import { REBUILDS } from "./rebuilds.ts";
import { REPLAYS } from "./replays.ts";
import { REPORTS } from "./reports.ts";
import { SESSION } from "./session.ts";
import { AUDIT_LOG, TOKENS } from "./tokens.ts";
import { SHARING } from "./sharing.ts";

export const DESCRIPTIONS: readonly Description[] = [
  ...COLLECT,
  ...REPORTS,
  ...FUNNELS,
  ...JOBS,
  ...FILES,
  ...GRAPHQL,
  ...SESSION,
  ...ACCOUNTS,
  ...MERCHANTS,
  ...TOKENS,
  ...AUDIT_LOG,
  ...CONFIGURATION,
  ...ERASURES,
  ...SHARING,
  ...OPS,
  ...REPLAYS,
  ...AUDITS,
  ...REBUILDS,
  ...META,
];
