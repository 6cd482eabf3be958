import { expect, test } from "vitest";
import { checkpointOf } from "./checkpoint.ts";
import { Rehearsal } from "./rehearsal.ts";
import { visitorNamed } from "./traffic.ts";

const MERCHANT = { id: "m", name: "", zone: "Etc/UTC", currency: "EUR", domains: ["shop.example"], shards: 1 };
const AT = Date.parse("2026-11-24T10:00:00Z");

test("a live visit takes a few hundred characters, since visits share their texts; and comes back the same", () => {
  const shard = new Rehearsal(MERCHANT);
  const visits = 2_000;
  for (let n = 0; n < visits; n++) {
    shard.append([
      {
        id: `e${n}`,
        name: "pageview",
        occurred_at: AT,
        received_at: AT,
        visitor: visitorNamed(`v${n}`),
        url: `https://shop.example/a-rather-long-path/of-a-page/that-many-visits-share/${n % 50}`,
        referrer: "https://www.google.com/",
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        country: "DE",
        city: "Berlin",
      },
    ]);
  }
  expect(JSON.stringify(checkpointOf(shard.state)).length / visits).toBeLessThan(400);
  const before = shard.everything();
  shard.checkpoint();
  shard.recover();
  expect(shard.everything()).toBe(before);
  expect(checkpointOf(shard.state).days[0]!.visits).toHaveLength(visits);
});
