// `npm run ops -- token list|create|rotate|revoke`: tokens of programs, through the API. What a token holds is printed once, when it is
// made; with --json alone on its line of the object, so that a script can keep it.

import { type Command, Option } from "commander";
import { SCOPES, type TokenView } from "../core/token.ts";
import { clientOf, print, withOps } from "./ops-client.ts";
import { tableOf } from "./ops-table.ts";

const PATH = "/api/v1/tokens";

interface Whose {
  merchant?: string;
  organisation?: string;
}

const HELP = `
  npm run ops -- token create --name "Warehouse import" --scope ingest --merchant m_shop
  npm run ops -- token rotate t_4f… --overlap 48
  npm run ops -- token revoke t_4f…`;

export function addToken(program: Command): void {
  const token = program
    .command("token")
    .description("What programs show instead of a session: for one merchant, or all of an organisation's.")
    .addHelpText("after", HELP);
  withWhose(withOps(token.command("list").description("All, or some, the newest first."))).action(
    async ({ merchant, organisation }: Whose, command: Command) => {
      const asked = new URLSearchParams({ ...whoseOf({ merchant, organisation }) });
      const body = await clientOf(command).get<{ tokens: TokenView[] }>(`${PATH}?${asked.toString()}`);
      print(command, body, () => listed(body.tokens));
    },
  );
  withWhose(withOps(token.command("create").description("Makes one, and says what it holds, once.")))
    .requiredOption("--name <name>", "what it is for")
    .addOption(new Option("--scope <scope>", "what it may do").choices(SCOPES).makeOptionMandatory())
    .option("--expires <instant>", "as 2027-01-31T00:00:00Z (default: never)")
    .action(async (options: Whose & { name: string; scope: string; expires?: string }, command: Command) => {
      const { name, scope, expires = null } = options;
      const sent = { name, scope, expires_at: expires, ...whoseOf(options) };
      const { body } = await clientOf(command).send<TokenView & { token: string }>("POST", PATH, sent);
      print(command, body, () => made(body));
    });
  withOps(token.command("rotate").description("Makes another one in its place; the former goes on for some hours."))
    .argument("<token>", "its id")
    .option("--overlap <hours>", "how long the former goes on", "24")
    .option("--expires <instant>", "of the new one; never: never (needed where the former expires)")
    .action(async (id: string, { overlap, expires }: { overlap: string; expires?: string }, command: Command) => {
      const expiry = expires === undefined ? {} : { expires_at: expires === "never" ? null : expires };
      const sent = { overlap_hours: Number(overlap), ...expiry };
      const path = `${PATH}/${encodeURIComponent(id)}/rotate`;
      const { body } = await clientOf(command).send<TokenView & { token: string }>("POST", path, sent);
      print(command, body, () => `${made(body)}\nThe former, ${id}, goes on for ${overlap} hours.`);
    });
  withOps(token.command("revoke").description("It opens nothing any more, everywhere within a minute."))
    .argument("<token>", "its id")
    .action(async (id: string, _: object, command: Command) => {
      await clientOf(command).send("DELETE", `${PATH}/${encodeURIComponent(id)}`);
      print(command, { id, revoked: true }, () => `${id} is revoked.`);
    });
}

const withWhose = (command: Command): Command =>
  command
    .option("--merchant <id>", "for one merchant")
    .option("--organisation <id>", "for all merchants of an organisation");

/** What is said. */
const whoseOf = ({ merchant, organisation }: { [Name in keyof Whose]: Whose[Name] | undefined }): Whose => ({
  ...(merchant === undefined ? {} : { merchant }),
  ...(organisation === undefined ? {} : { organisation }),
});

const listed = (tokens: readonly TokenView[]): string =>
  tokens.length === 0
    ? "There are none."
    : tableOf(
        ["token", "name", "scope", "begins", "for", "", "expires", "last used"],
        tokens.map((one) => [
          one.id,
          one.name,
          one.scope,
          `${one.beginning}…`,
          one.merchant ?? one.organisation,
          one.state,
          one.expires_at ?? "never",
          one.last_used_at ?? "never",
        ]),
      );

const made = ({ id, name, scope, merchant, organisation, expires_at: expires, token }: TokenView & { token: string }) =>
  [
    `${id}  ${name}: ${scope}, for ${merchant ?? organisation}, ${expires === null ? "never expires" : `until ${expires}`}`,
    "",
    token,
    "",
    "It is not shown again.",
  ].join("\n");
