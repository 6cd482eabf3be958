// `npm run ops -- rebuild …`: Postgres has been lost. Puts back from R2, KV and the objects what there is of it, counts the days
// whose numbers are missing, and switches readers to them.

import type { Command } from "commander";
import type { RunView, SwitchView } from "../core/replay.ts";
import { clientOf, type OpsOptions, print, withOps } from "./ops-client.ts";
import { follow, switched, withWho } from "./ops-replay.ts";
import { switchedText } from "./ops-replay-text.ts";

interface RebuildOptions extends OpsOptions {
  merchant?: string[];
  all?: true;
  from?: string;
  to?: string;
  skipFailed?: true;
  who: string;
  why: string;
}

const HELP = `
The tables must be there (node scripts/migrate.ts). Nothing that Postgres still has is changed, so it may be repeated:

  npm run ops -- rebuild --all

Put back are merchants with their newest rules, the days' books, and all rollups. Accounts, tokens and the record of what
operators did are in Postgres alone: they come from its own backup. Restore that first, if there is one.`;

export function addRebuild(program: Command): void {
  withWho(withOps(program.command("rebuild").description("Puts back from R2 what Postgres has lost.")))
    .option("--merchant <id...>", "whose; several are possible")
    .option("--all", "all merchants")
    .option("--from <date>", "first local date, YYYY-MM-DD (default: the first there is)")
    .option("--to <date>", "last local date")
    .option("--skip-failed", "although some days cannot be counted: they stay without numbers")
    .option("--why <reason>", "stays in the record", "Postgres was lost")
    .addHelpText("after", HELP)
    .action(rebuild);
}

async function rebuild(options: RebuildOptions, command: Command): Promise<void> {
  const { merchant, all, from, to, who, why } = options;
  if ((merchant === undefined) === (all === undefined)) command.error("Whose? --merchant <id>, or --all.");
  const client = clientOf(command);
  const whose = all === true ? { all } : { merchants: merchant };
  const request = { ...whose, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), who, why };
  const { body: begun } = await client.send<RunView>("POST", "/rebuilds", request);
  const run = await follow(client, begun.id);
  const applied = run.units.total === 0 ? null : await switched(client, run.id, "apply", options);
  print(command, { run, applied }, () => described(run, applied));
  if (run.units.failed > 0 || (applied?.refused.length ?? 0) > 0) process.exitCode = 1;
}

function described({ id, units, rows, failures }: RunView, applied: SwitchView | null): string {
  if (applied === null) return "Nothing is missing: every sealed day that R2 has is in Postgres too.";
  const lines = [
    `Rebuild ${id}: ${units.done} of ${units.total} days of a shard counted again, ${rows.toLocaleString("en")} events.`,
    ...failures.map(({ merchant, date, shard, error }) => `  not ${merchant}/${shard} ${date}: ${error}`),
    switchedText(applied),
    "Days that are open come from their objects within minutes. Look:  npm run ops -- status --all",
  ];
  return lines.join("\n");
}
