// GraphQL: what its answers hold, its own schema says.

import { z } from "zod";
import { type Answer, type Description, type Parameter } from "./describe.ts";

const VARIABLES = z.record(z.string(), z.unknown());

const RESULT = z
  .object({
    data: z.record(z.string(), z.unknown()).nullish(),
    errors: z
      .array(
        z.object({
          message: z.string(),
          path: z.array(z.union([z.string(), z.int()])).optional(),
          locations: z.array(z.object({ line: z.int(), column: z.int() })).optional(),
          extensions: z
            .looseObject({ pointer: z.string().optional(), reason: z.string().optional() })
            .describe("Of a refused report: the pointer into its arguments, and a word for programs.")
            .optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: "GraphqlResult" });

const text = (description: string): Parameter => ({ description, schema: { type: "string" } });
const JSON_TYPES = ["application/json", "application/graphql-response+json"];
const result = (description: string): Answer => ({
  description,
  content: JSON_TYPES.map((type) => ({ type, schema: RESULT })),
});
const answers = {
  200: result("Data, and errors of the parts that were refused."),
  400: result(
    "There is no query in the request, or (to those who accept application/graphql-response+json) a wrong one.",
  ),
};

export const GRAPHQL: readonly Description[] = [
  {
    route: "POST /api/graphql",
    topic: "Reports",
    summary: "Ask with GraphQL",
    details: "Several reports in one request, with the schema that introspection tells.",
    audience: "readers",
    body: {
      schema: z.object({
        query: z.string(),
        variables: VARIABLES.nullish(),
        operationName: z.string().nullish(),
        extensions: VARIABLES.nullish(),
      }),
      example: { query: "{ merchants { id name } metrics { name definition } }" },
    },
    answers: {
      ...answers,
      413: result("Too large."),
      415: { description: "A type that is not read here." },
    },
  },
  {
    route: "GET /api/graphql",
    topic: "Reports",
    summary: "Ask with GraphQL, in the address",
    audience: "readers",
    query: {
      query: { ...text("The document."), required: true, example: "{ merchants { id name } }" },
      variables: text("As JSON."),
      operationName: text("Which operation of the document."),
    },
    answers,
  },
];
