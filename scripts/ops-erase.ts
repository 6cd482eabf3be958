// `npm run ops -- erase`: everything that came of one visitor is taken out of a merchant's events and numbers, for good.

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { ErasureView } from "../core/erasure-view.ts";
import { clientOf, type OpsClient, type OpsOptions, print, withOps } from "./ops-client.ts";
import { withWho } from "./ops-replay.ts";
import { tableOf } from "./ops-table.ts";

type EraseOptions = OpsOptions & { merchant: string; user: string; why?: string; who: string };

const POLL_MS = 500;
const RESUME_EVERY_MS = 5_000;

const HELP = `
The visitor is named by the id that was sent with the events as "user". Days that are sealed are done when the command ends; days
that are not follow when they are sealed. What the visitor does from now on is kept.

  npm run ops -- erase --merchant m_shop --user customer-4711 --why "asked by letter"
  npm run ops -- erase list --merchant m_shop`;

export function addErase(program: Command): void {
  const erase = program
    .command("erase")
    .description("Erases a visitor of a merchant, for good.")
    .addHelpText("after", HELP);
  withWho(
    withOps(erase.command("start", { isDefault: true }).description("Erases one, and waits for the sealed days.")),
  )
    .requiredOption("--merchant <id>", "whose visitor")
    .requiredOption("--user <id>", "the id that was sent with the events")
    .option("--why <reason>", "stays in the record")
    .action(start);
  withOps(erase.command("list").description("The newest first, and how each stands."))
    .requiredOption("--merchant <id>", "whose visitors")
    .action(async ({ merchant }: { merchant: string }, command: Command) => {
      const body = await clientOf(command).get<{ erasures: ErasureView[] }>(pathOf(merchant));
      print(command, body, () => listed(body.erasures));
    });
}

const pathOf = (merchant: string): string => `/api/v1/merchants/${encodeURIComponent(merchant)}/erasures`;

async function start({ merchant, user, why, who }: EraseOptions, command: Command): Promise<void> {
  const client = clientOf(command);
  const { body } = await client.send<ErasureView>("POST", pathOf(merchant), {
    user,
    who,
    ...(why === undefined ? {} : { why }),
  });
  const erasure = await followed(client, body);
  print(command, erasure, () => described(erasure));
  if (erasure.state === "failed") process.exitCode = 1;
}

/** Until every sealed day has been looked at. */
async function followed(client: OpsClient, begun: ErasureView): Promise<ErasureView> {
  let erasure = begun;
  for (let waitedMs = 0; erasure.state === "running"; waitedMs += POLL_MS) {
    if (waitedMs % RESUME_EVERY_MS === 0) await client.send("POST", `/replays/${begun.id}/resume`);
    await sleep(POLL_MS);
    erasure = await client.get<ErasureView>(`${pathOf(begun.merchant)}/${begun.id}`);
  }
  return erasure;
}

function described({ id, merchant, visitor, state, days, events, erased, following }: ErasureView): string {
  const lines = [
    `Erasure ${id} of visitor ${visitor} of ${merchant} is ${state}: ${events.toLocaleString("en")} events of ${erased.length} days erased; ${days.done} days of a shard looked at.`,
  ];
  if (days.failed > 0) lines.push(`${days.failed} could not be read (see: npm run ops -- dead-letters list).`);
  if (following.length > 0) lines.push(`Not sealed yet, and to follow then: ${following.join(", ")}.`);
  return lines.join("\n");
}

const listed = (erasures: readonly ErasureView[]): string =>
  tableOf(
    ["erasure", "state", "asked", "events", "days", "failed", "to follow", "who", "why"],
    erasures.map((one) => [
      one.id,
      one.state,
      one.asked_at,
      one.events,
      one.erased.length,
      one.days.failed,
      one.following.join(" "),
      one.who,
      one.why,
    ]),
  );
