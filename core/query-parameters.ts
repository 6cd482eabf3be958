// A query as parameters of an address, turned into the body that `parseQuery` reads: `q` is the whole of it as JSON, or each key
// is a parameter of its own, with short forms for what is simple. It says nothing about sense: names that it doesn't know
// come through as keys, so that they are refused in the same words as in a body.
//
//   metrics=visitors,visits  dimensions=source  date_range=7d (or from=2026-01-01&to=2026-01-31)  order_by=visits:desc
//   include=total_rows,fill  comparison=previous_period  limit=10  offset=20  filters=["is","country",["DE"]] (JSON, a list)

import { below, fault, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";

/** `parameters`: decoded, in the order in which they stand there. */
export function bodyOf(parameters: Iterable<[string, string]>): Result<unknown, QueryFault> {
  const written = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (written.has(name))
      return fault(below("#", name), "malformed", `The parameter ${quoted(name)} stands there twice.`);
    written.set(name, value);
  }
  const whole = written.get("q");
  if (whole === undefined) return bodyOfEach(written);
  const other = [...written.keys()].find((name) => name !== "q");
  if (other !== undefined)
    return fault(
      below("#", other),
      "impossible_combination",
      `"q" is the whole query: write ${quoted(other)} into it, or leave "q" out.`,
    );
  const body = jsonOf(whole);
  return body === undefined ? fault("#", "malformed", 'The parameter "q" is not JSON.') : ok(body);
}

function bodyOfEach(written: ReadonlyMap<string, string>): Result<unknown, QueryFault> {
  const body = new Map<string, unknown>();
  const pagination = new Map<string, unknown>();
  let include: Record<string, unknown> = {};
  for (const [name, text] of written) {
    switch (name) {
      case "merchant":
        body.set(name, text);
        break;
      case "metrics":
      case "dimensions":
        body.set(name, text === "" ? [] : listOf(text));
        break;
      case "order_by":
        body.set(name, jsonOf(text) ?? text.split(",").map(ordered));
        break;
      case "from":
      case "to":
        if (written.has("date_range"))
          return fault(`#/${name}`, "impossible_combination", `Use "date_range", or "from" and "to".`);
        body.set("date_range", [written.get("from"), written.get("to")]);
        break;
      case "include": {
        const flags: unknown = jsonOf(text) ?? Object.fromEntries(listOf(text).map((flag) => [flag, true]));
        if (!isObject(flags)) return fault("#/include", "malformed", `${quoted(text)} is no list of what to include.`);
        include = { ...include, ...flags };
        break;
      }
      case "comparison":
        include = { ...include, comparisons: jsonOf(text) ?? { mode: text } };
        break;
      case "limit":
      case "offset":
        pagination.set(name, jsonOf(text) ?? text);
        break;
      default:
        body.set(name, jsonOf(text) ?? text);
    }
  }
  if (Object.keys(include).length > 0) body.set("include", include);
  if (pagination.size > 0) body.set("pagination", Object.fromEntries(pagination));
  return ok(Object.fromEntries(body));
}

/** `["a","b"]` or `a,b`. */
function listOf(text: string): unknown[] {
  const json = text.startsWith("[") ? jsonOf(text) : undefined;
  return Array.isArray(json) ? json : text.split(",");
}

/** `time:day:desc`: what is ordered by may have colons itself. Downwards when it doesn't say. */
function ordered(text: string): [string, string] {
  const at = text.lastIndexOf(":");
  const way = text.slice(at + 1);
  return at >= 0 && (way === "asc" || way === "desc") ? [text.slice(0, at), way] : [text, "desc"];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Undefined when it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
