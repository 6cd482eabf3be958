// `npm run bench -- <name> [options]`: runs a benchmark, or says which there are. Each also runs by itself.

import { spawn } from "node:child_process";
import path from "node:path";
import { Command } from "commander";

const BENCHMARKS: Record<string, string> = {
  fold: "events per CPU second of the fold; bytes per event and per merchant-hour",
  collect: "requests/s of POST /e beside what the runtime can do at most; the object's memory",
  memory: "heap of a shard's state over a million events",
  rollups: "rows/s into Postgres through the consumer's own statement",
  replay: "events/s of counting a sealed day again, beside merely decoding it; memory",
  import: "lines/s of importing a web server's log",
  cost: "dollars per million events that Cloudflare would bill",
  reports: "how long reports take, beside Umami and a Worker that does nothing",
  lighthouse: "what Lighthouse says of the dashboard",
  stack: "freshness under load, CPU per 1,000 events and bytes per event of a whole stack",
};

const program = new Command("bench").description(
  "Runs a benchmark. Machines are noisy: only ratios of one run mean much.",
);
for (const [name, description] of Object.entries(BENCHMARKS)) {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_options: object, command: Command) => {
      const file = path.join(import.meta.dirname, `${name}.ts`);
      const child = spawn(process.execPath, [file, ...command.args], { stdio: "inherit" });
      child.on("exit", (code) => (process.exitCode = code ?? 1));
    });
}
program.parse();
