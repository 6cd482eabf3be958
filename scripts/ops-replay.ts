// `npm run ops -- replay …`: starts a run and follows it, shows what it would change, applies it and rolls it back.

import { setTimeout as sleep } from "node:timers/promises";
import os from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import type { RunDifference, RunView, SwitchView } from "../core/replay.ts";
import { clientOf, type OpsClient, type OpsOptions, print, withOps } from "./ops-client.ts";
import { described, differing, listed, nextSteps, switchedText } from "./ops-replay-text.ts";

interface StartOptions extends OpsOptions {
  merchant?: string[];
  all?: true;
  from: string;
  to: string;
  preview?: true;
  treatAsBot?: string[];
  why: string;
  who: string;
  limit: number;
}

interface DiffOptions extends OpsOptions {
  limit: number;
  dimension?: string;
  measure?: string;
}

type WhoOptions = OpsOptions & { who: string };

const POLL_MS = 500;
/** Units whose messages were lost are asked for again. */
const RESUME_EVERY_MS = 5_000;
const ROWS_SHOWN = 25;

const HELP = `
A run counts days again from R2, beside the numbers that readers see. Nothing changes for them before it is applied. The day that
is still open is counted as it is now; applied, it goes on as it is and is counted by the run when it is sealed:

  npm run ops -- replay --merchant m_shop --from 2026-11-01 --to 2026-11-03 --preview --treat-as-bot PriceWatch --why "a crawler"
  npm run ops -- replay diff 17
  npm run ops -- replay apply 17
  npm run ops -- replay rollback 17

Without --preview the run is applied when all of it has been counted.`;

export function addReplay(program: Command): void {
  const replay = program
    .command("replay")
    .description("Counts days again: see what would change, apply it, roll it back.")
    .addHelpText("after", HELP);
  addStart(replay);
  withOps(replay.command("list").description("The newest runs.")).action(async (_: OpsOptions, command: Command) => {
    const { runs } = await clientOf(command).get<{ runs: RunView[] }>("/replays");
    print(command, { runs }, () => listed(runs));
  });
  withRun(replay.command("status"), "How a run stands; with --follow until it has been counted.")
    .option("--follow", "wait, and show the progress")
    .action(async (id: number, options: OpsOptions & { follow?: true }, command: Command) => {
      const client = clientOf(command);
      const run = options.follow === true ? await follow(client, id) : await client.get<RunView>(`/replays/${id}`);
      print(command, run, () => described(run));
    });
  withRun(replay.command("diff"), "What a run would change, or has changed; the largest first.")
    .option("--limit <n>", "rows to show", wholeNumber, ROWS_SHOWN)
    .option("--dimension <name>", "rows of one dimension: total, page, source, …")
    .option("--measure <name>", "rows of one measure: visitors, visits, pageviews, gross, …")
    .action(async (id: number, { limit, dimension, measure }: DiffOptions, command: Command) => {
      const chosen = Object.entries({ dimension, measure }).filter(([, name]) => name !== undefined) as [
        string,
        string,
      ][];
      const query = new URLSearchParams([["limit", String(limit)], ...chosen]).toString();
      const difference = await clientOf(command).get<RunDifference>(`/replays/${id}/diff?${query}`);
      print(command, difference, () => differing(difference, limit));
    });
  withWho(withRun(replay.command("apply"), "Switches readers to what a run has counted, a merchant at a time."))
    .option("--skip-failed", "although some days could not be counted: they stay as they are")
    .action(async (id: number, options: WhoOptions & { skipFailed?: true }, command: Command) =>
      end(command, await switched(clientOf(command), id, "apply", options)),
    );
  withWho(withRun(replay.command("rollback"), "Switches readers back to what they saw before.")).action(
    async (id: number, options: WhoOptions, command: Command) =>
      end(command, await switched(clientOf(command), id, "rollback", options)),
  );
  withWho(withRun(replay.command("cancel"), "Counts no further.")).action(
    async (id: number, { who }: WhoOptions, command: Command) => {
      const { body } = await clientOf(command).send<object>("POST", `/replays/${id}/cancel`, { who });
      print(command, body, () => `Run ${id} is cancelled.`);
    },
  );
}

function addStart(replay: Command): void {
  withWho(withOps(replay.command("start", { isDefault: true }).description("Starts a run and follows it.")))
    .option("--merchant <id...>", "whose days; several are possible")
    .option("--all", "all merchants")
    .requiredOption("--from <date>", "first local date, YYYY-MM-DD")
    .requiredOption("--to <date>", "last local date")
    .requiredOption("--why <reason>", "stays in the record")
    .option("--preview", "do not apply it: look first")
    .option("--treat-as-bot <text...>", "a user agent that contains the text is a bot's, for this run")
    .option("--limit <n>", "rows of the difference to show", wholeNumber, ROWS_SHOWN)
    .action(start);
}

async function start(options: StartOptions, command: Command): Promise<void> {
  const { merchant, all, from, to, preview = false, treatAsBot, why, who, limit } = options;
  if ((merchant === undefined) === (all === undefined)) command.error("Whose days? --merchant <id>, or --all.");
  const client = clientOf(command);
  const rules = treatAsBot === undefined ? {} : { rules: { onTop: true, extraBots: treatAsBot } };
  const whose = all === true ? { all } : { merchants: merchant };
  const request = { ...whose, from, to, preview, why, who, ...rules };
  const { body: begun } = await client.send<RunView>("POST", "/replays", request);
  const run = await follow(client, begun.id);
  const difference = await client.get<RunDifference>(`/replays/${run.id}/diff?limit=${limit}`);
  const applied = preview || run.units.total === 0 ? null : await switched(client, run.id, "apply", { who });
  print(command, { run, difference, applied }, () =>
    [described(run), differing(difference, limit), applied === null ? nextSteps(run) : switchedText(applied)].join(
      "\n\n",
    ),
  );
  if (run.units.failed > 0 || (applied?.refused.length ?? 0) > 0) process.exitCode = 1;
}

/** Until every unit has been counted, or has failed. */
export async function follow(client: OpsClient, id: number): Promise<RunView> {
  const { stderr } = process;
  const startedAtMs = Date.now();
  let resumedAtMs = startedAtMs;
  for (;;) {
    const run = await patiently(() => client.get<RunView>(`/replays/${id}`));
    const { units, rows, listed: isWhole } = run;
    if ((isWhole && units.queued === 0) || run.state === "cancelled") {
      if (stderr.isTTY) stderr.write("\r\x1b[K");
      return run;
    }
    const nowMs = Date.now();
    const perSecond = Math.round(rows / Math.max(1, (nowMs - startedAtMs) / 1_000));
    const failed = units.failed === 0 ? "" : `, ${units.failed} failed`;
    const of = isWhole ? "" : "so far ";
    const line = `run ${id}: ${units.done} of ${of}${units.total} days${failed}, ${rows.toLocaleString("en")} events, ${perSecond.toLocaleString("en")}/s`;
    if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`);
    if (!isWhole || nowMs - resumedAtMs > RESUME_EVERY_MS) {
      resumedAtMs = nowMs;
      await patiently(() => client.send("POST", `/replays/${id}/resume`));
    }
    await sleep(POLL_MS);
  }
}

const PATIENCE_MS = 60_000;

/** A system that is being restarted is asked again for a while. */
async function patiently<Value>(ask: () => Promise<Value>): Promise<Value> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** As many requests as it takes. */
export async function switched(
  client: OpsClient,
  id: number,
  way: "apply" | "rollback",
  { who, skipFailed = false }: { who: string; skipFailed?: boolean },
): Promise<SwitchView> {
  let all = 0;
  for (;;) {
    const { body, status } = await client.send<SwitchView | { error: { message: string } }>(
      "POST",
      `/replays/${id}/${way}`,
      skipFailed ? { who, skip_failed: true } : { who },
      [409],
    );
    if ("error" in body) throw new Error(body.error.message);
    all += body.switched;
    if (body.remaining === 0 || status === 409) return { ...body, switched: all };
  }
}

function end(command: Command, view: SwitchView): void {
  print(command, view, () => switchedText(view));
  if (view.refused.length > 0) process.exitCode = 1;
}

function withRun(command: Command, description: string): Command {
  return withOps(command.description(description).argument("<run>", "the run's number", wholeNumber));
}

export const withWho = (command: Command): Command =>
  command.option("--who <name>", "stays in the record", os.userInfo().username);

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError("A whole number.");
  return number;
}
