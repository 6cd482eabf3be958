// The OpenAPI 3.1 document, made from descriptions. Strict, an object of an answer may have no field that is not described, and what
// is sent is left out: that is for tests. What is published does not say so, since answers may gain fields.

import { z } from "zod";
import { DESCRIPTIONS } from "./descriptions.ts";
import {
  type Answer,
  type Audience,
  type Content,
  type Description,
  type JsonSchema,
  REFUSAL,
  type Schema,
} from "./describe.ts";

const VERSION = "1";

const SECURITY: Record<Audience, Record<string, string[]>[]> = {
  anybody: [],
  senders: [{}, { ingestToken: [] }],
  readers: [{ token: [] }, { session: [] }],
  operator: [{ operatorToken: [] }, { session: [] }],
};

const SCHEMES = {
  token: { type: "http", scheme: "bearer", description: "A token that may read the merchant; or the operator's." },
  operatorToken: { type: "http", scheme: "bearer", description: "The operator token of the server." },
  ingestToken: { type: "http", scheme: "bearer", description: "Makes a server's word about its visitors count." },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "countinghouse",
    description: "What signing in sets, for the site's own pages. Other requests than reading must come from them.",
  },
};

export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, JsonSchema>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: typeof SCHEMES };
  [key: string]: unknown;
}

export function openApiDocument({ strict }: { strict: boolean }, descriptions = DESCRIPTIONS): OpenApi {
  const components = new Components(strict);
  const paths: OpenApi["paths"] = {};
  for (const description of descriptions) {
    const [method, path] = methodAndPath(description);
    (paths[path] ??= {})[method] = operation(description, components);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Countinghouse",
      version: VERSION,
      summary: "Analytics for merchants, at the edge.",
      description: "What the words and numbers mean is in docs/definitions.md; examples are in docs/api.md.",
    },
    tags: [...new Set(descriptions.map(({ topic }) => topic))].map((name) => ({ name })),
    paths,
    components: { schemas: components.schemas, securitySchemes: SCHEMES },
  };
}

/** "get" and "/api/ops/merchants/{id}/status". */
export function methodAndPath({ route }: Pick<Description, "route">): [method: string, path: string] {
  const [method, path] = route.split(" ") as [string, string];
  return [method.toLowerCase(), path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")];
}

function operation(description: Description, components: Components): JsonSchema {
  const { topic, summary, details, audience, body, answers } = description;
  const refused = audience === "readers" || audience === "operator" ? GUARDED : {};
  return {
    operationId: operationId(description),
    tags: [topic],
    summary,
    ...(details === undefined ? {} : { description: details }),
    security: SECURITY[audience],
    parameters: parametersOf(description, components),
    ...(body === undefined || components.strict
      ? {}
      : { requestBody: { required: body.required ?? true, content: contentOf(body, components) } }),
    responses: Object.fromEntries(
      Object.entries({ ...refused, ...answers }).map(([status, answer]) => [status, responseOf(answer, components)]),
    ),
  };
}

const GUARDED: Record<number, Answer> = {
  401: { description: "Nobody is signed in, or the token is not valid.", content: { schema: REFUSAL } },
  403: { description: "A session was used from another origin.", content: { schema: REFUSAL } },
  429: {
    description: "The requests of this token, or about this merchant, are used up for the moment.",
    content: { schema: REFUSAL },
    headers: { "Retry-After": "Seconds.", RateLimit: "What is left.", "RateLimit-Policy": "Of how many in how long." },
  },
};

/** "getApiOpsMerchantsIdStatus" */
function operationId(description: Description): string {
  const [method, path] = methodAndPath(description);
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

function parametersOf({ route, path = {}, query = {} }: Description, components: Components): JsonSchema[] {
  const named = [...route.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  return [
    ...named.map((name) => {
      const { description = "", schema = { type: "string" } } = path[name] ?? {};
      return { name, in: "path", required: true, description, schema: components.of(schema) };
    }),
    ...Object.entries(query).map(([name, { description, schema, required = false, example }]) => ({
      name,
      in: "query",
      required,
      description,
      schema: components.of(schema),
      ...(example === undefined ? {} : { example }),
    })),
  ];
}

function responseOf({ description, content, headers }: Answer, components: Components): JsonSchema {
  const named = Object.entries(headers ?? {}).map(([name, text]) => [
    name,
    { description: text, schema: { type: "string" } },
  ]);
  return {
    description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(content === undefined ? {} : { content: contentOf(content, components) }),
  };
}

const contentOf = (content: Content | readonly Content[], components: Components): JsonSchema =>
  Object.fromEntries(
    [content]
      .flat()
      .map(({ type = "application/json", schema, example }: Content) => [
        type,
        { schema: components.of(schema), ...(example === undefined ? {} : { example }) },
      ]),
  );

/** Schemas that have a name stand in the document once. */
class Components {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly strict: boolean;

  constructor(strict: boolean) {
    this.strict = strict;
  }

  of(schema: Schema): JsonSchema {
    const written = schema instanceof z.ZodType ? this.#fromZod(schema) : schema;
    const { $schema: _, $defs = {}, ...rest } = written;
    for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>))
      this.schemas[name] = hoisted(definition) as JsonSchema;
    return hoisted(rest) as JsonSchema;
  }

  #fromZod(schema: z.ZodType): JsonSchema {
    return z.toJSONSchema(schema, {
      io: this.strict ? "output" : "input",
      override: ({ jsonSchema }) => {
        // Bounds of what a number can hold at all, that names are texts, and what a format says already.
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        delete jsonSchema.propertyNames;
        if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      },
    });
  }
}

/** References to definitions of a schema, as references into the document. */
function hoisted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hoisted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [
      key,
      key === "$ref" && typeof each === "string" ? each.replace("#/$defs/", "#/components/schemas/") : hoisted(each),
    ]),
  );
}
