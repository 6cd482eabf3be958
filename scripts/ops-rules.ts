// `npm run ops -- rules get|set|preview`: a merchant's rules of processing, and what rules would make of days that are past.

import fs from "node:fs";
import type { Command } from "commander";
import type { RunDifference, RunView } from "../core/replay.ts";
import type { RulesVersionView, SavedRulesView } from "../core/rules-view.ts";
import { clientOf, type OpsClient, type OpsOptions, print, withOps } from "./ops-client.ts";
import { follow, withWho } from "./ops-replay.ts";
import { described as describedRun, differing, nextSteps } from "./ops-replay-text.ts";
import { described } from "./ops-rules-text.ts";

type MerchantOptions = OpsOptions & { merchant: string };
type SetOptions = MerchantOptions & { file: string; why?: string; who: string };
type PreviewOptions = MerchantOptions & { file?: string; from: string; to: string; why?: string; who: string };
type Shown = SavedRulesView & { history: RulesVersionView[] };

const ROWS_SHOWN = 25;

const HELP = `
Rules are a JSON file, as "rules get --json" prints them under "rules". A new version counts events from the next local day on; for days
that are past, look first:

  npm run ops -- rules get --merchant m_shop --json > rules.json
  npm run ops -- rules preview --merchant m_shop --file rules.json --from 2026-11-01 --to 2026-11-30
  npm run ops -- rules set --merchant m_shop --file rules.json --why "no back office"
  npm run ops -- replay apply 17`;

export function addRules(program: Command): void {
  const rules = program
    .command("rules")
    .description("How a merchant's events are processed: look, change, and try on the past.")
    .addHelpText("after", HELP);
  withMerchant(rules.command("get"), "The rules that are saved, and their versions.").action(
    async ({ merchant }: MerchantOptions, command: Command) => {
      const shown = await present(clientOf(command), merchant);
      print(command, shown, () => described(shown));
    },
  );
  withWho(withMerchant(rules.command("set"), "Saves a new version of the rules."))
    .requiredOption("--file <path>", "JSON; - for the standard input")
    .option("--why <reason>", "stays in the record")
    .action(set);
  withWho(withMerchant(rules.command("preview"), "Counts days that are past by rules, and shows the difference."))
    .option("--file <path>", "JSON; - for the standard input (default: the rules that are saved)")
    .requiredOption("--from <date>", "first local date, YYYY-MM-DD")
    .requiredOption("--to <date>", "last local date")
    .option("--why <reason>", "stays in the record")
    .action(preview);
}

const pathOf = (merchant: string): string => `/api/v1/merchants/${encodeURIComponent(merchant)}/rules`;

const present = (client: OpsClient, merchant: string): Promise<Shown> => client.get<Shown>(pathOf(merchant));

async function set({ merchant, file, why, who }: SetOptions, command: Command): Promise<void> {
  const client = clientOf(command);
  const { version } = await present(client, merchant);
  const change = { rules: rulesIn(file), version, who, ...(why === undefined ? {} : { why }) };
  const { body } = await client.send<SavedRulesView & { holds_from: string }>("PUT", pathOf(merchant), change);
  print(
    command,
    body,
    () =>
      `Version ${body.version} is saved. It counts days from ${body.holds_from} on; for those before:\n` +
      `  npm run ops -- rules preview --merchant ${merchant} --from … --to …`,
  );
}

async function preview({ merchant, file, from, to, why, who }: PreviewOptions, command: Command): Promise<void> {
  const client = clientOf(command);
  const asked = { from, to, who, ...(file === undefined ? {} : { rules: rulesIn(file) }) };
  const path = `${pathOf(merchant)}/preview`;
  const { body: begun } = await client.send<RunView>("POST", path, why === undefined ? asked : { ...asked, why });
  const run = await follow(client, begun.id);
  const difference = await client.get<RunDifference>(`/replays/${run.id}/diff?limit=${ROWS_SHOWN}`);
  print(command, { run, difference }, () =>
    [describedRun(run), differing(difference, ROWS_SHOWN), nextSteps(run)].join("\n\n"),
  );
  if (run.units.failed > 0) process.exitCode = 1;
}

/** What "rules get --json" has printed will do as well. */
function rulesIn(file: string): unknown {
  const sent = JSON.parse(fs.readFileSync(file === "-" ? 0 : file, "utf8")) as unknown;
  return typeof sent === "object" && sent !== null && "rules" in sent ? sent.rules : sent;
}

const withMerchant = (command: Command, description: string): Command =>
  withOps(command.description(description).requiredOption("--merchant <id>", "whose"));
