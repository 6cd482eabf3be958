// `npm run ops -- status|flush|seal|books`: how everything stands, and a merchant's shards told to hurry.

import type { Command } from "commander";
import type { Books } from "../core/books.ts";
import type { ShardStatus } from "../core/messages.ts";
import { type MerchantStanding, type Standing, wantsALook, wholeOf, type WholeStanding } from "../core/standing.ts";
import { clientOf, type OpsClient, type OpsOptions, print, withOps } from "./ops-client.ts";
import { type Cell, tableOf } from "./ops-table.ts";

type MerchantOptions = OpsOptions & { merchant: string };

export function addMerchants(program: Command): void {
  withOps(program.command("status").description("How everything stands; ends with 1 when something wants a look."))
    .option("--merchant <id>", "one merchant (default: some of those with traffic lately)")
    .option("--all", "all merchants with traffic lately added up, and those that want a look")
    .action(async ({ merchant, all }: OpsOptions & { merchant?: string; all?: true }, command: Command) => {
      const standing = all === true ? await everyone(clientOf(command)) : await some(clientOf(command), merchant);
      print(command, standing, () => described(standing));
      const { days, dead_letters: letters, whole } = standing;
      if (letters + days.unproven + days.open + (whole?.silent.length ?? 0) > 0) process.exitCode = 1;
    });
  for (const [name, description] of [
    ["flush", "Publishes and archives everything now."],
    ["seal", "The same, and closes and seals days that are over, without waiting for their grace."],
  ] as const)
    withMerchant(program.command(name), description).action(async ({ merchant }: MerchantOptions, command: Command) => {
      const path = `/merchants/${encodeURIComponent(merchant)}/${name}`;
      const { body } = await clientOf(command).send<{ shards: ShardStatus[] }>("POST", path);
      print(command, body, () => shardsTable([{ merchant, published_at: null, shards: body.shards, unsettled: [] }]));
    });
  withMerchant(program.command("books"), "Where every event of a day went.")
    .requiredOption("--date <date>", "local date, YYYY-MM-DD")
    .action(async ({ merchant, date }: MerchantOptions & { date: string }, command: Command) => {
      const path = `/merchants/${encodeURIComponent(merchant)}/books?date=${encodeURIComponent(date)}`;
      const body = await clientOf(command).get<{ books: Books; balanced: boolean }>(path);
      print(command, body, () => booksText(body.books, body.balanced));
      if (!body.balanced) process.exitCode = 1;
    });
}

type Seen = Standing & { whole?: WholeStanding };

const some = (client: OpsClient, merchant: string | undefined): Promise<Seen> =>
  client.get<Standing>(`/status${merchant === undefined ? "" : `?merchant=${encodeURIComponent(merchant)}`}`);

/** Page after page; of the merchants only those that want a look are kept. */
async function everyone(client: OpsClient): Promise<Seen> {
  let standing = await client.get<Standing>("/status");
  const merchants = [...standing.merchants];
  while (standing.next !== null) {
    standing = await client.get<Standing>(`/status?after=${encodeURIComponent(standing.next)}`);
    merchants.push(...standing.merchants);
  }
  return { ...standing, whole: wholeOf(merchants), merchants: merchants.filter(wantsALook) };
}

const withMerchant = (command: Command, description: string): Command =>
  withOps(command.description(description)).requiredOption("--merchant <id>", "whose");

function described({
  dead_letters: letters,
  letters_counted: counted,
  days,
  runs_under_way: runs,
  merchants,
  next,
  whole,
}: Seen): string {
  const lines = [
    `dead letters: ${letters}${letters === counted ? " or more" : ""}`,
    `days: ${days.open} not sealed, ${days.unproven} not proven, ${days.stale} with late events to count`,
    `runs under way: ${runs.length === 0 ? "none" : runs.join(", ")}`,
    ...(whole === undefined ? [] : wholeLines(whole)),
  ];
  const unsettled = merchants.flatMap((merchant) => merchant.unsettled);
  return [
    lines.join("\n"),
    ...(merchants.length > 0 ? [shardsTable(merchants)] : []),
    ...(merchants.length === 0
      ? [whole === undefined ? "No merchant has had traffic lately." : "None wants a look."]
      : []),
    ...(next === null ? [] : ["There are more; with --all they are added up."]),
    ...(unsettled.length === 0
      ? []
      : [
          tableOf(
            ["merchant", "date", "shard", "day", "first difference"],
            unsettled.map(({ merchant, date, shard, state, difference }) => [
              merchant,
              date,
              shard,
              state,
              difference === null ? "" : JSON.stringify(difference),
            ]),
          ),
        ]),
  ].join("\n\n");
}

function wholeLines({ merchants, shards, silent, behind, ...whole }: WholeStanding): string[] {
  const n = (count: number): string => count.toLocaleString("en");
  return [
    `merchants with traffic lately: ${n(merchants)}, ${n(shards)} shards, ${n(whole.live_visits)} live visits`,
    `in objects alone: ${n(whole.unarchived_events)} events not in R2; ${n(whole.unpublished_hours)} hours and ${n(whole.unpublished_books)} books not in Postgres`,
    `Postgres is behind most for: ${behind === null ? "nobody" : `${behind.merchant}, of whom it has heard ${behind.published_at ?? "nothing"}`}`,
    `do not answer: ${silent.length === 0 ? "none" : silent.join(", ")}`,
  ];
}

function shardsTable(merchants: readonly MerchantStanding[]): string {
  const rows = merchants.flatMap(({ merchant, published_at: publishedAt, shards }): Cell[][] =>
    shards === null
      ? [[merchant, "?", "no answer", null, null, null, null, null, null, publishedAt]]
      : shards.map((one) => [
          merchant,
          one.shard,
          one.nextAlarmMs === null ? "idle" : "at work",
          one.seq,
          one.unarchivedEvents,
          one.unpublishedHours,
          one.unpublishedBooks,
          one.liveVisits,
          one.days.filter(({ state }) => state !== "sealed").length,
          publishedAt,
        ]),
  );
  const heads = [
    "merchant",
    "shard",
    "",
    "log",
    "not in R2",
    "hours to publish",
    "books",
    "live visits",
    "days not sealed",
    "published",
  ];
  return tableOf(heads, rows);
}

function booksText(books: Books, isBalanced: boolean): string {
  const counts = (of: Record<string, number>): Cell[][] => Object.entries(of).map(([name, n]) => [`  ${name}`, n]);
  const rows: Cell[][] = [
    ["received", books.received],
    ["duplicate", books.duplicate],
    ["rejected", Object.values(books.rejected).reduce((sum, n) => sum + n, 0)],
    ...counts(books.rejected),
    ["accepted", books.accepted],
    ...counts(books.verdicts),
  ];
  return `${tableOf(["events", ""], rows)}\n\n${isBalanced ? "They balance." : "They do NOT balance."}`;
}
