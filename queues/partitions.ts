// The days of the hourly rollups: made ahead, so that no row waits in the default partition, and dropped whole once
// they are past keeping. The Worker's scheduled handler calls this once a day; missing some days does no harm.

import { HOURS_KEPT_DAYS } from "../core/limits.ts";
import { database, type DatabaseEnv } from "../migrations/database.ts";

const DAY_MS = 86_400_000;
/** Back as far as late events reach (72 h), and the date line. */
const PREPARED_DAYS_PAST = 4;
const PREPARED_DAYS_AHEAD = 8;

export interface MaintainedPartitions {
  made: number;
  dropped: number;
}

export const maintainPartitions = async (env: DatabaseEnv, nowMs: number): Promise<MaintainedPartitions> => {
  const sql = database(env);
  const dayFromNow = (days: number): string => new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10);
  // Two transactions: their locks together could meet a writer's in the other order.
  const [prepared] =
    await sql`SELECT prepare_partitions(${dayFromNow(-PREPARED_DAYS_PAST)}, ${dayFromNow(PREPARED_DAYS_AHEAD)}) AS made`;
  const [past] = await sql`SELECT drop_partitions(${dayFromNow(-HOURS_KEPT_DAYS)}) AS dropped`;
  return { made: Number(prepared?.["made"]), dropped: Number(past?.["dropped"]) };
};
