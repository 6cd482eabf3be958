// `npm run ops -- …`: what operators do with a running system, here or elsewhere. Each command says what it did, in words or,
// with --json, as JSON; it ends with 1 when something is not as it should be.

import { Command } from "commander";
import { addAudit } from "./ops-audit.ts";
import { addErase } from "./ops-erase.ts";
import { addLetters } from "./ops-letters.ts";
import { addMerchant } from "./ops-merchant.ts";
import { addMerchants } from "./ops-merchants.ts";
import { addRebuild } from "./ops-rebuild.ts";
import { addReplay } from "./ops-replay.ts";
import { addRules } from "./ops-rules.ts";
import { addToken } from "./ops-token.ts";

const program = new Command("ops").description("Looks after a running Countinghouse.").showHelpAfterError();
addMerchants(program);
addMerchant(program);
addToken(program);
addReplay(program);
addRules(program);
addAudit(program);
addRebuild(program);
addErase(program);
addLetters(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
