// The limits that the platform counts by stand in wrangler.toml, and those that answers tell in core/limits.ts.

import { expect, test } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { MERCHANT_REQUESTS_A_MINUTE_MAX, TOKEN_REQUESTS_A_MINUTE_MAX } from "../core/limits.ts";

test("answers tell the limits that hold", () => {
  const { ratelimits } = readConfig({ config: "wrangler.toml" }) as { ratelimits: { name: string; simple: object }[] };
  const limits = Object.fromEntries(ratelimits.map(({ name, simple }) => [name, simple]));
  expect(limits).toEqual({
    TOKEN_RATE: { limit: TOKEN_REQUESTS_A_MINUTE_MAX, period: 60 },
    MERCHANT_RATE: { limit: MERCHANT_REQUESTS_A_MINUTE_MAX, period: 60 },
  });
});
