// The builder of the schema, and what every resolver is given. Fields are never null unless they say so.

import SchemaBuilder from "@pothos/core";
import { GraphQLError } from "graphql";
import type { Access } from "../access.ts";
import type { Env } from "../env.ts";
import type { FindMerchant } from "../merchants.ts";
import type { ReportRefusal } from "../report.ts";

/** Of one request. */
export interface Asker {
  env: Env;
  access: Access;
  find: FindMerchant;
  /** All reports of a request are of the same moment. */
  nowMs: number;
  /** Fields that have been resolved for it so far. */
  resolved: { fields: number };
}

export interface Types {
  Context: Asker;
  DefaultFieldNullability: false;
  Scalars: { ID: { Input: string; Output: string }; JSON: { Input: unknown; Output: unknown } };
}

export const builder = new SchemaBuilder<Types>({ defaultFieldNullability: false });

builder.scalarType("JSON", { description: "Whatever JSON can say.", serialize: (value) => value });

/** An error as clients see it: like the refusals of REST, its pointer into the arguments of the field. */
export const refusal = ({ pointer, reason, message }: Omit<ReportRefusal, "status">): GraphQLError =>
  new GraphQLError(message, { extensions: { pointer, reason } });
