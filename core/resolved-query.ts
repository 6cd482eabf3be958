// The query as it was understood, in the form in which it is asked: with all defaults, and with instants for the ranges. Sent
// again, later too, it gives the same rows.

import { nameOf } from "./breakdown.ts";
import { writtenRange } from "./date-range.ts";
import type { Plan } from "./plan.ts";
import { conjunctsOf, writtenFilter } from "./query-filters.ts";

export function resolved(plan: Plan): Record<string, unknown> {
  const { query, zone, interval } = plan;
  const { include } = query;
  const names = query.dimensions.map((dimension) =>
    nameOf(dimension.kind === "time" ? { kind: "time", interval } : dimension),
  );
  return {
    merchant: query.merchant,
    metrics: query.metrics,
    date_range: writtenRange(zone, plan.range),
    dimensions: names,
    filters: conjunctsOf(query.filter).map(writtenFilter),
    order_by: query.order.map(({ by, descending }) => [
      typeof by === "number" ? names[by] : by,
      descending ? "desc" : "asc",
    ]),
    include: {
      time_labels: include.timeLabels,
      total_rows: include.totalRows,
      totals: include.totals,
      fill: include.fill,
      ...(plan.comparison === null
        ? {}
        : { comparisons: { mode: "custom", date_range: writtenRange(zone, plan.comparison) } }),
    },
    pagination: { limit: query.limit, offset: query.offset },
  };
}
