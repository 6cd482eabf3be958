// `npm run import -- apache|retail`: recorded traffic → events with their own times, through the same door as everybody's.
// Event ids come from the file, so an import that was cut off can simply be run again.

import { Command, InvalidArgumentError } from "commander";
import { PAGE_EXTENSIONS, pageviewsOf, type LogTally } from "./import-apache.ts";
import { readLines } from "./import-lines.ts";
import { readRetailFile } from "./import-retail.ts";
import { Random } from "./random.ts";
import {
  positiveInteger,
  printCounts,
  printOutcome,
  progressLine,
  targetOf,
  withTarget,
  type TargetOptions,
} from "./send-target.ts";
import { send, type Outcome, type WireEvent } from "./send.ts";

interface ImportOptions extends TargetOptions {
  file: string;
  json?: true;
}

interface ApacheOptions extends ImportOptions {
  host: string;
}

interface RetailOptions extends ImportOptions {
  shuffle?: string;
  duplicates: number;
  concurrency: number;
}

/** What a file held: what was made of it, and what was not, by reason. */
interface FileCounts {
  made: Record<string, number>;
  skipped: Record<string, number>;
}

const APACHE_HELP = `
A line becomes a pageview when it is GET, answered 200 or 304, and its path's last segment has no extension or one of
${PAGE_EXTENSIONS.join(", ")}. The other lines are skipped and counted: malformed, method, status, not_a_page.
Each pageview has the line's own time, address, user agent and referrer. Bots are sent too; they are told apart when counting.

Lines are sent in the order of the file. Running an import again counts nothing twice, as far back as the merchant's
shards remember ids (about half a million events each).`;

const RETAIL_HELP = `
Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate (Europe/London), UnitPrice (GBP), CustomerID, Country.
Lines of an invoice with quantity and price above 0 make one purchase; an invoice number with a leading C is a
cancellation and makes a refund. The other lines are skipped and counted. Running an import again counts nothing twice.`;

const program = new Command("import").description("Sends recorded traffic with its own times.");

withFile(program.command("apache").description("A web server's log in the combined format, as pageviews."))
  .option("--host <url>", "the site that the log is of", origin, "http://semicomplete.com")
  .addHelpText("after", APACHE_HELP)
  .action(async (options: ApacheOptions, command: Command) => {
    const tally: LogTally = { lines: 0, pageviews: 0, skipped: {} };
    const events = pageviewsOf(readLines(options.file), options.host, tally);
    await run(command, options, events, 1, () => {
      const { skipped, ...made } = tally;
      return { made, skipped };
    });
  });

withFile(program.command("retail").description("A shop's invoice lines as CSV, as purchases and refunds."))
  .option("--shuffle <seed>", "send in another order, the same for the same seed")
  .option("--duplicates <share>", "send this share of the events twice, as 0.05", share, 0)
  .option("--concurrency <n>", "requests under way at once", positiveInteger, 1)
  .addHelpText("after", RETAIL_HELP)
  .action(async (options: RetailOptions, command: Command) => {
    const { events, lines, skipped } = await readRetailFile(options.file);
    const named = (name: string): number => events.filter((event) => event.name === name).length;
    const counts = { made: { lines, purchases: named("purchase"), refunds: named("refund") }, skipped };
    await run(command, options, [rearranged(events, options)], options.concurrency, () => counts);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function withFile(command: Command): Command {
  return withTarget(command)
    .requiredOption("--merchant <id>", "whose events they are")
    .requiredOption("--file <path>", 'what to read, plain or .gz; "-" is standard input')
    .option("--json", "print the summary as JSON");
}

/** Exit code 1 when an event was rejected. */
async function run(
  command: Command,
  options: ImportOptions,
  events: AsyncIterable<WireEvent[]> | WireEvent[][],
  concurrency: number,
  counts: () => FileCounts,
): Promise<void> {
  const target = targetOf(command, options);
  const line = progressLine();
  const startedAtMs = performance.now();
  let outcome: Outcome;
  try {
    outcome = await send(target, events, { concurrency, progress: line.show });
  } finally {
    line.clear();
  }
  const seconds = Math.round(performance.now() - startedAtMs) / 1_000;
  const { made, skipped } = counts();
  if (options.json === true) console.log(JSON.stringify({ file: { ...made, skipped }, ...outcome, seconds }, null, 2));
  else {
    printCounts(Object.entries(made));
    printCounts(Object.entries(skipped).map(([reason, n]) => [`skipped: ${reason}`, n]));
    printOutcome(outcome);
    console.log(`${seconds} s`);
  }
  if (Object.keys(outcome.rejected).length > 0) process.exitCode = 1;
}

function rearranged(events: WireEvent[], { shuffle, duplicates }: RetailOptions): WireEvent[] {
  const random = new Random(shuffle ?? "");
  const again = random.shuffled(events).slice(0, Math.round(events.length * duplicates));
  const all = [...events, ...again];
  return shuffle === undefined ? all : random.shuffled(all);
}

function origin(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new InvalidArgumentError("As in http://shop.example");
  return new URL(text).origin;
}

function share(text: string): number {
  const number = Number(text);
  if (!(number >= 0 && number <= 1)) throw new InvalidArgumentError("A share is 0 to 1.");
  return number;
}
