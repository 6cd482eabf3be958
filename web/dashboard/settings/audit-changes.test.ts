import { expect, test } from "vitest";
import { changesIn } from "./audit-changes.ts";

test("what was made, changed and deleted, field by field", () => {
  expect(changesIn({ before: null, after: { name: "Hats", domains: [] }, details: {} })).toEqual([
    { field: "name", before: null, after: "Hats" },
    { field: "domains", before: null, after: "none" },
  ]);
  expect(
    changesIn({
      before: { id: "p", retention_days: null },
      after: { id: "p", retention_days: 90 },
      details: { run: 7 },
    }),
  ).toEqual([
    { field: "id", before: "p", after: "p" },
    { field: "retention days", before: "none", after: "90" },
    { field: "run", before: null, after: "7" },
  ]);
  const expiry = { expires_at: "2027-02-22T14:41:30.467+00:00" };
  expect(changesIn({ before: null, after: expiry, details: {} })[0]?.after).toBe("2027-02-22 14:41 UTC");
  expect(changesIn({ before: { public: true, rules: { bots: 1 } }, after: null, details: {} })).toEqual([
    { field: "public", before: "yes", after: null },
    { field: "rules", before: '{"bots":1}', after: null },
  ]);
});
