// Saved segments: filters that a merchant has given a name, to be used in queries as `["is", "segment", ["<id>"]]`. They are read
// where they are named, in place of the name, so that whatever bounds filters bounds them too. They do not go within one another.

import { QUERY_FILTER_DEPTH_MAX } from "./limits.ts";

export const SEGMENT = "segment";

/** By id: the filters as the wire has them, which must hold together. */
export type Segments = ReadonlyMap<string, readonly unknown[]>;

export const NO_SEGMENTS: Segments = new Map();

/** The ids that filters name, so far as they are filters: what is to be known before they are read. */
export function segmentsNamed(filters: unknown): string[] {
  return [...new Set(namedIn(filters, 2 * QUERY_FILTER_DEPTH_MAX))];
}

/** The same of a whole question: a query, or a funnel with filters of its own in its steps. */
export function segmentsAsked(body: unknown): string[] {
  if (typeof body !== "object" || body === null) return [];
  const { filters, steps } = body as { filters?: unknown; steps?: unknown };
  const ofSteps = (Array.isArray(steps) ? (steps as unknown[]) : []).map((step) =>
    typeof step === "object" && step !== null && "filters" in step ? step.filters : undefined,
  );
  return [...new Set([filters, ...ofSteps].flatMap(segmentsNamed))];
}

/** Lists and filters take turns. */
function namedIn(written: unknown, depth: number): string[] {
  if (!Array.isArray(written) || depth < 0) return [];
  const [, name, values] = written as unknown[];
  if (name === SEGMENT) return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
  return written.flatMap((each) => namedIn(each, depth - 1));
}

/** A segment as the API shows it. */
export interface SavedSegment {
  id: string;
  name: string;
  /** As a query has them. */
  filters: unknown[];
  /** Only whoever made it sees and uses it. */
  personal: boolean;
  who: string;
  created_at: string;
  updated_at: string;
}
