// The schema: what can be asked with GraphQL, made from the same tables as everything else. A report is asked by report.ts and
// answered by answer-cache.ts, as with REST. One that is refused is null, with an error that says where and why; its neighbours are answered.

import type { GraphQLResolveInfo } from "graphql";
import { GRAPHQL_RESULT_FIELDS_MAX } from "../../core/limits.ts";
import { answerKept } from "../answer-cache.ts";
import { findAsked, type ReportRefusal } from "../report.ts";
import { type Asker, builder, refusal } from "./builder.ts";
import { MERCHANT, METRIC_DEFINITION, metricDefinitions, seenMerchants } from "./catalogue.ts";
import { DATE_RANGE, DIMENSION, FILTER, INCLUDE, METRIC, ORDER, PAGINATION } from "./input.ts";
import { questionOf, type ReportArguments } from "./question.ts";
import { REPORT, type Report } from "./report-type.ts";
import { resolvedFields } from "./weight.ts";

builder.queryType({
  fields: (t) => ({
    merchants: t.field({
      type: [MERCHANT],
      description: "Those whose reports you may see, by name.",
      resolve: (_, __, asker) => seenMerchants(asker),
    }),
    metrics: t.field({
      type: [METRIC_DEFINITION],
      description: "What can be measured, and what it means.",
      resolve: metricDefinitions,
    }),
    report: t.field({
      type: REPORT,
      nullable: true,
      description: "One question about one merchant. Ask several in one request by giving them names.",
      args: {
        merchant: t.arg.id({ required: true }),
        metrics: t.arg({ type: [METRIC], required: true }),
        dateRange: t.arg({ type: DATE_RANGE, required: true }),
        dimensions: t.arg({ type: [DIMENSION] }),
        props: t.arg.stringList({ description: "Properties of events to break down by, after the dimensions." }),
        filters: t.arg({ type: [FILTER] }),
        orderBy: t.arg({ type: [ORDER] }),
        include: t.arg({ type: INCLUDE }),
        pagination: t.arg({ type: PAGINATION }),
        explain: t.arg.boolean({ description: "Say how the answer was come by, in meta." }),
      },
      resolve: (_, args, asker, info) => report(args, asker, info),
    }),
  }),
});

export const schema = builder.toSchema();

async function report(args: ReportArguments, asker: Asker, info: GraphQLResolveInfo): Promise<Report> {
  const { body, pointerOf } = questionOf(args);
  const refuse = (failure: ReportRefusal) => refusal({ ...failure, pointer: pointerOf(failure.pointer) });
  const asked = await findAsked(asker.env, asker.find, asker.access, body);
  if (!asked.ok) throw refuse(asked.failure);
  const answer = await answerKept(asker.env, asked.value, asker.nowMs, "kept");
  if (!answer.ok) throw refuse(answer.failure);
  const answered = JSON.parse(answer.value.text) as Report;
  take(asker, fieldsOf(answered, info));
  return answered;
}

/** What resolving the rest of the report takes. */
function fieldsOf({ results }: Report, { fieldNodes, fragments }: GraphQLResolveInfo): number {
  const lengths: Record<string, number> = {
    rows: results.length,
    values: results[0]?.metrics.length ?? 0,
    dimensions: results[0]?.dimensions.length ?? 0,
  };
  return fieldNodes
    .flatMap(({ selectionSet }) => selectionSet ?? [])
    .map((set) => resolvedFields(set, fragments, (name) => lengths[name] ?? 1))
    .reduce((a, b) => a + b, 0);
}

function take({ resolved }: Asker, fields: number): void {
  resolved.fields += fields;
  if (resolved.fields <= GRAPHQL_RESULT_FIELDS_MAX) return;
  const message = `The reports of this request have more than ${GRAPHQL_RESULT_FIELDS_MAX} fields in all their rows. Ask for fewer with pagination.`;
  throw refusal({ pointer: "#/pagination", reason: "too_much", message });
}
