// How a route of the API is described, for the OpenAPI document.
//
// To describe a route that you have added: write a `Description` into the file of its topic beside this one (a new topic is a new
// file, listed in descriptions.ts), and an exchange with it into that one of the files ../openapi-….test.ts that has its topic. The
// tests compare descriptions with the routes of api.ts, each way, and answers with the schemas described: an answer may have no
// field that is not described. Schemas are zod's where TypeScript has a type for the same, `z.ZodType<Type>`, so that the
// compiler compares the two; or JSON Schemas as they are. Nothing here is loaded before somebody asks for the document.

import { z } from "zod";

export type JsonSchema = { readonly [key: string]: unknown };
export type Schema = z.ZodType | JsonSchema;

export interface Content {
  /** application/json when left out. */
  type?: string;
  schema: Schema;
  example?: unknown;
}

export interface Answer {
  description: string;
  content?: Content | readonly Content[];
  headers?: Record<string, string>;
}

export interface Parameter {
  description: string;
  schema: Schema;
  required?: boolean;
  example?: unknown;
}

/** Who is answered: anybody, senders of events (with a token or without), whoever may see the merchant, or the operator. */
export type Audience = "anybody" | "senders" | "readers" | "operator";

export interface Description {
  /** As the router has it: "GET /api/ops/merchants/:id/status". */
  route: `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;
  topic: string;
  summary: string;
  details?: string;
  audience: Audience;
  /** Of the path, by name; what is not here is a text. */
  path?: Record<string, Parameter>;
  query?: Record<string, Parameter>;
  body?: Content & { required?: boolean };
  /** By status. What the guard refuses is added to them. */
  answers: Record<number, Answer>;
}

export const json = (description: string, schema: Schema, example?: unknown): Answer => ({
  description,
  content: { schema, ...(example === undefined ? {} : { example }) },
});

/** A JSON Schema whose definitions may stand beside those of others: their names begin with `prefix`. */
export function prefixed(prefix: string, schema: JsonSchema): JsonSchema {
  const renamed = (name: string): string => prefix + name[0]!.toUpperCase() + name.slice(1);
  const text = JSON.stringify(schema).replaceAll(
    /"#\/\$defs\/([^"]+)"/g,
    (_, name: string) => `"#/$defs/${renamed(name)}"`,
  );
  const { $defs = {}, ...rest } = JSON.parse(text) as JsonSchema;
  const definitions = Object.entries($defs as object).map(([name, each]): [string, unknown] => [renamed(name), each]);
  return { ...rest, $defs: Object.fromEntries(definitions) };
}

export const REFUSAL = z
  .object({
    error: z.object({
      pointer: z.string().describe("A JSON pointer to what is refused; of the whole, # or nothing."),
      reason: z.string().describe("A word for programs."),
      message: z.string().describe("What would be right."),
    }),
  })
  .meta({ id: "Refusal" });

export const refusal = (description: string): Answer => json(description, REFUSAL);

export const empty = (description: string): Answer => ({ description });

export const DATE = z.iso.date();
export const INSTANT = z.iso.datetime({ offset: true });
export const COUNT = z.int().min(0);
