// `npm run ops -- dead-letters …`: messages that could not be handled, with their reason: look, send again, drop.

import type { ListedLetter } from "../core/dead-letter.ts";
import type { Command } from "commander";
import { clientOf, type OpsClient, type OpsOptions, print, withOps } from "./ops-client.ts";
import { tableOf } from "./ops-table.ts";

type ChosenOptions = OpsOptions & { all?: true; queue?: string };

export function addLetters(program: Command): void {
  const letters = program.command("dead-letters").description("Messages that could not be handled.");
  withOps(letters.command("list").description("All of them, the oldest first."))
    .option("--queue <name>", "of one queue")
    .action(async ({ queue }: ChosenOptions, command: Command) => {
      const found = await lettersOf(clientOf(command), queue);
      print(command, { letters: found }, () => listed(found));
    });
  withOps(letters.command("show <id>").description("One of them, whole.")).action(
    async (id: string, _: OpsOptions, command: Command) => {
      const letter = await clientOf(command).get(`/dead-letters/${id}`);
      print(command, letter, () => JSON.stringify(letter, null, 2));
    },
  );
  withChoice(letters.command("retry [id...]"), "Sends letters to their queue again.").action(
    (ids: string[], options: ChosenOptions, command: Command) =>
      forEach(command, ids, options, "sent again", (client, id) => client.send("POST", `/dead-letters/${id}/retry`)),
  );
  withChoice(letters.command("drop [id...]"), "Removes letters for good.").action(
    (ids: string[], options: ChosenOptions, command: Command) =>
      forEach(command, ids, options, "dropped", (client, id) => client.send("DELETE", `/dead-letters/${id}`)),
  );
}

const withChoice = (command: Command, description: string): Command =>
  withOps(command.description(description))
    .option("--all", "all of them")
    .option("--queue <name>", "with --all: of one queue");

async function forEach(
  command: Command,
  ids: string[],
  { all, queue }: ChosenOptions,
  done: string,
  act: (client: OpsClient, id: string) => Promise<unknown>,
): Promise<void> {
  if ((ids.length === 0) === (all === undefined)) command.error("Which? Give ids, or --all.");
  const client = clientOf(command);
  const chosen = all === true ? (await lettersOf(client, queue)).map(({ id }) => id) : ids;
  for (const id of chosen) await act(client, id);
  print(command, { ids: chosen }, () => `${chosen.length} ${done}.`);
}

async function lettersOf(client: OpsClient, queue: string | undefined): Promise<ListedLetter[]> {
  const letters: ListedLetter[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const from: string = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page: { letters: ListedLetter[]; cursor: string | null } = await client.get(`/dead-letters${from}`);
    letters.push(...page.letters.filter((letter) => queue === undefined || letter.queue === queue));
    cursor = page.cursor;
  }
  return letters;
}

const listed = (letters: readonly ListedLetter[]): string =>
  letters.length === 0
    ? "There are none."
    : tableOf(
        ["id", "queue", "at", "bytes", "reason"],
        letters.map(({ id, queue, at, bytes, reason }) => [id, queue ?? "?", at, bytes, reason]),
      );
