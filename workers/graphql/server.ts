// GraphQL over HTTP: graphql-yoga with this schema, without whatever the API does not want (CORS, pages, uploads, batches), and with
// limits on what a request may say. What is sent in error has an error's form; what fails on our side is recorded and masked.

import { GraphQLError, type Source } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import { QUERY_BYTES_MAX } from "../../core/limits.ts";
import { type Asker, refusal } from "./builder.ts";
import { schema } from "./schema.ts";
import { limitText, limitWeight } from "./weight.ts";

const limits: Plugin = {
  onParse: ({ params }) => limitText(params.source as string | Source),
  onValidate: ({ addValidationRule }) => addValidationRule(limitWeight),
};

const yoga = createYoga<Asker>({
  schema,
  plugins: [limits],
  graphqlEndpoint: "/api/graphql",
  graphiql: false,
  landingPage: false,
  cors: false,
  multipart: false,
  batching: false,
  // What it holds would be bounded by a number of documents, not by their size.
  parserAndValidationCache: false,
  maxRequestBodySize: QUERY_BYTES_MAX,
  logging: false,
  maskedErrors: { maskError },
});

export async function answerGraphql(request: Request, asker: Asker): Promise<Response> {
  const answer = await yoga.fetch(request, asker);
  if (answer.ok || answer.headers.has("content-type")) return answer;
  // What it does not take at all it refuses without a word.
  const { message, extensions } = refusal({ pointer: "", reason: "malformed", message: "Send JSON with a query." });
  return Response.json({ errors: [{ message, extensions }] }, { status: answer.status });
}

function maskError(error: unknown): GraphQLError {
  if (isMeant(error)) return withoutOriginal(error);
  console.error(JSON.stringify({ event: "request_failed", path: "/api/graphql", error: String(error) }));
  const message = "Something went wrong on our side; it has been recorded. Try again in a moment.";
  const { message: text, extensions } = refusal({ pointer: "", reason: "internal", message });
  const path = error instanceof GraphQLError ? error.path : null;
  return new GraphQLError(text, { extensions, path });
}

/** The library tells in words of its own what it made of a body. */
function withoutOriginal(error: GraphQLError): GraphQLError {
  delete error.extensions["originalError"];
  return error;
}

/** An error that somebody threw for the client to read, and not one that happened. */
function isMeant(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  return error.originalError == null || isMeant(error.originalError);
}
