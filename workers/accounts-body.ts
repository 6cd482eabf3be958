// The body of a request that changes people, organisations or merchants, read at the door: size first, then JSON, then a
// schema that knows every key. What is refused is told in the API's one shape, with a pointer to where; nothing that was
// sent comes back in it.

import type { Context } from "hono";
import type { z } from "zod";
import { fail, ok, type Result } from "../core/result.ts";
import { writesNul } from "../core/text.ts";

const BODY_BYTES_MAX = 16_384;

export const NO_NUL = "A text cannot hold the character NUL.";

export type Status = 400 | 401 | 403 | 404 | 409 | 412 | 413 | 428 | 429 | 503;

/** The API's one shape of a refusal. Never cached. */
export function refuse(c: Context, status: Status, reason: string, message: string, pointer = "#"): Response {
  if (status === 401) c.header("www-authenticate", 'Bearer realm="countinghouse"');
  return c.json({ error: { pointer, reason, message } }, status, { "cache-control": "private, no-store" });
}

export const unavailable = (c: Context): Response => {
  c.header("retry-after", "5");
  return refuse(c, 503, "unavailable", "Postgres is unreachable. Try again in a moment.");
};

/** What the schema makes of the body, or the refusal to answer with. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<Result<z.output<Schema>, Response>> {
  const text = await textWithin(c.req.raw, BODY_BYTES_MAX);
  if (text === null) return fail(refuse(c, 413, "too_large", `Send ${BODY_BYTES_MAX} bytes at most.`));
  if (writesNul(text)) return fail(refuse(c, 400, "invalid", NO_NUL));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail(refuse(c, 400, "malformed", "The body is not JSON."));
  }
  const read = schema.safeParse(json);
  if (read.success) return ok(read.data);
  const { pointer, reason, message } = faultOf(read.error.issues[0]!);
  return fail(refuse(c, 400, reason, message, pointer));
}

/** Null when it is larger. */
async function textWithin(request: Request, bytesMax: number): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return null;
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of request.body as ReadableStream<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) return null;
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

const REASONS: Record<string, string> = { too_big: "too_much", too_small: "too_little", invalid_type: "wrong_type" };

function faultOf(issue: z.core.$ZodIssue): { pointer: string; reason: string; message: string } {
  const isUnknown = issue.code === "unrecognized_keys";
  const path = [...issue.path, ...(isUnknown ? issue.keys.slice(0, 1) : [])];
  const pointer = ["#", ...path.map((step) => String(step).slice(0, 64).replaceAll("~", "~0").replaceAll("/", "~1"))];
  if (isUnknown) return { pointer: pointer.join("/"), reason: "unknown_key", message: "This is not known here." };
  const isMissing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  const reason = isMissing ? "missing" : (REASONS[issue.code] ?? "invalid");
  return { pointer: pointer.join("/"), reason, message: `${issue.message}.`.replace("..", ".") };
}
