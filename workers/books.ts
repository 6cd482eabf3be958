// GET /api/v1/merchants/:id/books: where every event of a merchant's days went, and some of those that were refused: why is my
// event missing? To be mounted at /api/v1/merchants behind the guard.

import type { BookedDay, BooksView } from "../core/books-view.ts";
import { Hono, type Context } from "hono";
import { balanced, type Books, emptyBooks, sumOfBooks } from "../core/books.ts";
import { REJECTED_EXAMPLES_KEEP_MS, REJECTED_EXAMPLES_MAX, REPORT_DAYS_MAX } from "../core/limits.ts";
import type { RejectedExample } from "../core/rejected-example.ts";
import { ERASED } from "../core/erasure.ts";
import { LATE } from "../core/shard.ts";
import { dayAt } from "../core/zone.ts";
import { refuse } from "./accounts-body.ts";
import { booksOf, type ShardBooks } from "./day-books.ts";
import { type Bound, orUnavailable, permitted } from "./merchant-routes.ts";
import type { FindMerchant } from "./merchants.ts";

export const bookRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.get(
    "/:id/books",
    orUnavailable((c) => show(c, find)),
  );
  return app;
};

/** Without a range: today. */
async function show(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "read");
  if (!merchant.ok) return merchant.failure;
  const nowMs = Date.now();
  const today = dayAt(merchant.value.zone, nowMs).date;
  const { from = today, to = today } = c.req.query();
  for (const [name, date] of [
    ["from", from],
    ["to", to],
  ] as const)
    if (!isDate(date)) return refuse(c, 400, "invalid", "A local date, YYYY-MM-DD.", `#/${name}`);
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days < 1 || days > REPORT_DAYS_MAX)
    return refuse(c, 400, "invalid", `1 to ${REPORT_DAYS_MAX} days, the last one included.`, "#/to");
  const books = await booksOf(c.env, merchant.value, from, to);
  const byDate = Map.groupBy(books.days, ({ date }) => date);
  return c.json<BooksView>({
    merchant: merchant.value.id,
    from,
    to,
    days: [...byDate].map(([date, shards]) => dayOf(date, shards)),
    rejected_examples: books.rejectedExamples
      .filter(({ atMs }) => atMs > nowMs - REJECTED_EXAMPLES_KEEP_MS)
      .slice(-REJECTED_EXAMPLES_MAX)
      .map(exampleOf)
      .toReversed(),
  });
}

function dayOf(date: string, shards: readonly ShardBooks[]): BookedDay {
  const books = shards.map((shard) => shard.books).reduce(sumOfBooks, emptyBooks());
  const { received, accepted, duplicate, rejected } = books;
  return {
    date,
    received,
    accepted,
    duplicate,
    rejected,
    ...countedOf(books),
    balanced: balanced(books),
    state: stateOf(shards),
    rules_versions: versionsOf(shards),
  };
}

function countedOf({ verdicts }: Books): Pick<BookedDay, "counted" | "not_counted" | "erased" | "late"> {
  const { counted = 0, [LATE]: late = 0, [ERASED]: erased = 0, ...notCounted } = verdicts;
  return { counted, not_counted: notCounted, erased, late };
}

const stateOf = (shards: readonly ShardBooks[]): BookedDay["state"] => {
  if (!shards.every(({ sealed }) => sealed)) return "open";
  return shards.every(({ proven }) => proven === true) ? "proven" : "sealed";
};

const versionsOf = (shards: readonly ShardBooks[]): number[] =>
  [...new Set(shards.flatMap(({ rulesVersion }) => rulesVersion ?? []))].toSorted((a, b) => a - b);

const exampleOf = ({ atMs, ...example }: RejectedExample): BooksView["rejected_examples"][number] => ({
  at: new Date(atMs).toISOString(),
  ...example,
});

const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
