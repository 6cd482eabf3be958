// `npm run ops -- merchant list|show|create|change|delete|restore`: merchants set up from a shell, through the API as any program would.

import type { Command } from "commander";
import { clientOf, print, withOps } from "./ops-client.ts";
import { tableOf } from "./ops-table.ts";

const PATH = "/api/v1/merchants";

interface MerchantView {
  id: string;
  name: string;
  domains: string[];
  zone: string;
  zones: { from: string; zone: string }[] | null;
  currency: string;
  shards: number;
  spread: { from: string; shards: number }[] | null;
  retention_days: number | null;
  organisation: string | null;
}

interface Settings {
  name?: string;
  zone?: string;
  currency?: string;
  domain?: string[];
  shards?: string;
  retention?: string;
  organisation?: string;
}

export function addMerchant(program: Command): void {
  const merchant = program.command("merchant").description("Merchants: which there are, and how each is set up.");
  withOps(merchant.command("list").description("By name; the first 1,000.")).action(
    async (_: object, command: Command) => {
      const body = await clientOf(command).get<{ merchants: MerchantView[] }>(PATH);
      print(command, body, () =>
        tableOf(
          ["merchant", "name", "zone", "currency", "shards", "organisation"],
          body.merchants.map((one) => [one.id, one.name, one.zone, one.currency, one.shards, one.organisation]),
        ),
      );
    },
  );
  withOps(merchant.command("show").description("How one is set up.").argument("<merchant>")).action(
    async (id: string, _: object, command: Command) => {
      const body = await clientOf(command).get<MerchantView>(`${PATH}/${encodeURIComponent(id)}`);
      print(command, body, () => described(body));
    },
  );
  withSettings(merchant.command("create").description("Makes one, and says its id."))
    .option("--organisation <id>", "whose it is (default: nobody's but the operator's)")
    .action(async (settings: Settings, command: Command) => {
      const sent = { ...bodyOf(settings), organisation: settings.organisation ?? null };
      const { body } = await clientOf(command).send<MerchantView>("POST", PATH, sent);
      print(command, body, () => described(body));
    });
  withSettings(
    merchant.command("change").description("Changes what is said, and nothing else.").argument("<merchant>"),
  ).action(async (id: string, settings: Settings, command: Command) => {
    const path = `${PATH}/${encodeURIComponent(id)}`;
    const { body } = await clientOf(command).send<MerchantView>("PATCH", path, bodyOf(settings));
    print(command, body, () => described(body));
  });
  withOps(
    merchant
      .command("delete")
      .description("Deletes one: nothing is collected for it any more; seven days later it is erased."),
  )
    .argument("<merchant>")
    .action(async (id: string, _: object, command: Command) => {
      await clientOf(command).send("DELETE", `${PATH}/${encodeURIComponent(id)}`);
      print(command, { id, deleted: true }, () => `${id} is deleted, and will be erased in seven days.`);
    });
  withOps(merchant.command("restore").description("Takes back that one was deleted, while it has not been erased."))
    .argument("<merchant>")
    .action(async (id: string, _: object, command: Command) => {
      await clientOf(command).send("POST", `${PATH}/${encodeURIComponent(id)}/restore`);
      print(command, { id, deleted: false }, () => `${id} is as it was.`);
    });
}

const withSettings = (command: Command): Command =>
  withOps(command)
    .option("--name <name>", "what people call it")
    .option("--zone <zone>", "its time zone, as Europe/Berlin; holds from the next day on once there are events")
    .option("--currency <code>", "as EUR; stays after the first event")
    .option("--domain <host...>", "host names of its sites")
    .option("--shards <n>", "objects that its visitors are spread over; holds from the next local day")
    .option("--retention <days>", "how long raw events are kept; 0: for good");

function bodyOf({ name, zone, currency, domain, shards, retention }: Settings): object {
  return {
    ...(name === undefined ? {} : { name }),
    ...(zone === undefined ? {} : { zone }),
    ...(currency === undefined ? {} : { currency }),
    ...(domain === undefined ? {} : { domains: domain }),
    ...(shards === undefined ? {} : { shards: Number(shards) }),
    ...(retention === undefined ? {} : { retention_days: Number(retention) === 0 ? null : Number(retention) }),
  };
}

function described(one: MerchantView): string {
  const next = one.spread?.at(-1);
  const last = one.zones?.at(-1);
  const isMoving = last !== undefined && last.zone !== one.zone;
  return [
    `${one.id}  ${one.name}`,
    `${one.zone}${isMoving ? ` (from ${last.from} on ${last.zone})` : ""}, ${one.currency}, ${one.domains.join(" ") || "no domains"}`,
    next === undefined ? `${one.shards} shards` : `${next.shards} shards from ${next.from} on`,
    one.retention_days === null ? "raw events are kept for good" : `raw events are kept for ${one.retention_days} days`,
    one.organisation === null ? "of no organisation" : `of ${one.organisation}`,
  ].join("\n");
}
