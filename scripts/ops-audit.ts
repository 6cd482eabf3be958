// `npm run ops -- audit …`: proves days again, and says of each whether everything that is kept of it is what its raw events give.

import type { Command } from "commander";
import type { AuditedDay, AuditView, Finding } from "../core/audit.ts";
import type { RunView } from "../core/replay.ts";
import { clientOf, type OpsOptions, print, withOps } from "./ops-client.ts";
import { follow, withWho } from "./ops-replay.ts";
import { tableOf } from "./ops-table.ts";

interface AuditOptions extends OpsOptions {
  merchant?: string[];
  all?: true;
  from: string;
  to: string;
  who: string;
  why: string;
}

const DAYS_SHOWN = 200;

const HELP = `
Reads each sealed day's raw file back, counts it again, and holds that against the file's hash, the rollups that readers see,
the recorded proof, the derived file and the books. Changes nothing; ends with 1 when anything differs.

  npm run ops -- audit --merchant m_shop --from 2026-11-01 --to 2026-11-30`;

export function addAudit(program: Command): void {
  withWho(withOps(program.command("audit").description("Proves days again, and changes nothing.")))
    .option("--merchant <id...>", "whose days; several are possible")
    .option("--all", "all merchants")
    .requiredOption("--from <date>", "first local date, YYYY-MM-DD")
    .requiredOption("--to <date>", "last local date")
    .option("--why <reason>", "stays in the record", "an audit")
    .addHelpText("after", HELP)
    .action(audit);
}

async function audit({ merchant, all, from, to, who, why }: AuditOptions, command: Command): Promise<void> {
  if ((merchant === undefined) === (all === undefined)) command.error("Whose days? --merchant <id>, or --all.");
  const client = clientOf(command);
  const request = { ...(all === true ? { all } : { merchants: merchant }), from, to, who, why };
  const { body: begun } = await client.send<RunView>("POST", "/audits", request);
  await follow(client, begun.id);
  const view = await client.get<AuditView>(`/audits/${begun.id}?limit=${DAYS_SHOWN}`);
  print(command, view, () => described(view));
  if (view.differing + view.run.units.failed > 0) process.exitCode = 1;
}

function described({ run, proven, differing, days }: AuditView): string {
  const { units, rows, failures } = run;
  const lines = [
    `Audit ${run.id}: ${proven} of ${units.total} days of a shard proven, ${rows.toLocaleString("en")} events read.`,
  ];
  if (differing > 0) lines.push(`${differing} DIFFER; the first difference of each kind of thing:`);
  if (units.failed > 0) lines.push(`${units.failed} could not be audited:`);
  for (const { merchant, date, shard, error } of failures) lines.push(`  ${merchant}/${shard} ${date}: ${error}`);
  if (units.total === 0) lines.push("There are no sealed days in this range.");
  const heads = ["merchant", "date", "shard", "events", "proven", "what", "where", "kept", "counted", "note"];
  const shown = tableOf(heads, days.flatMap(rowsOf));
  const rest = proven + differing - days.length;
  return [lines.join("\n"), ...(days.length === 0 ? [] : [shown]), ...(rest > 0 ? [`… and ${rest} more.`] : [])].join(
    "\n\n",
  );
}

function rowsOf({ merchant, date, shard, rows, findings }: AuditedDay) {
  const day = [merchant, date, shard, rows];
  if (findings.length === 0) return [[...day, "yes", null, null, null, null, null]];
  return findings.map((finding) => [
    ...day,
    "NO",
    finding.what,
    whereOf(finding),
    finding.before ?? null,
    finding.after ?? null,
    finding.note ?? null,
  ]);
}

const whereOf = ({ hour, dimension, value, measure }: Finding): string =>
  [hour == null ? null : new Date(hour).toISOString().slice(0, 13), dimension, value, measure]
    .filter((part) => part !== undefined && part !== null && part !== "")
    .join(" ");
