// Reads a request's body at the door: type and size before anything else, then bytes → text → JSON. A compressed body
// is bounded by what it unpacks to. Never throws.

import { gunzipSync } from "node:zlib";
import { REQUEST_BYTES_MAX } from "../core/limits.ts";
import { fail, ok, type Result } from "../core/result.ts";

export interface BodyFault {
  status: 400 | 413 | 415;
  reason: string;
  message: string;
}

const TOO_LARGE: BodyFault = {
  status: 413,
  reason: "too_large",
  message: `A request may have ${REQUEST_BYTES_MAX} bytes, unpacked. Send fewer events at a time.`,
};

/** JSON as application/json or, so that browsers need not ask first, as text/plain; gzip accepted. */
export async function readJson(request: Request): Promise<Result<unknown, BodyFault>> {
  const type = (request.headers.get("content-type") ?? "text/plain").split(";", 1)[0]!.trim().toLowerCase();
  if (type !== "application/json" && type !== "text/plain") {
    const message = `Send JSON as application/json or text/plain, not as ${type.slice(0, 100)}.`;
    return fail({ status: 415, reason: "unsupported_type", message });
  }
  const encoding = (request.headers.get("content-encoding") ?? "identity").toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip") {
    return fail({ status: 415, reason: "unsupported_encoding", message: "Send the body as it is or as gzip." });
  }
  if (Number(request.headers.get("content-length") ?? 0) > REQUEST_BYTES_MAX) return fail(TOO_LARGE);
  // A body with a declared length within the limit is read at once; anything else piece by piece against it.
  const sent = request.headers.has("content-length")
    ? new Uint8Array(await request.arrayBuffer())
    : await bytesOf(request.body);
  if (sent === null) return fail(TOO_LARGE);
  const plain = encoding === "gzip" ? unpacked(sent) : ok(sent);
  return plain.ok ? parse(decoder.decode(plain.value)) : plain;
}

const decoder = new TextDecoder();

/** Null when there are more than may be. */
async function bytesOf(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes > REQUEST_BYTES_MAX) return null;
    pieces.push(piece);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/**
 * At once, into no more than may be. Not by a DecompressionStream: the runtime's unpacks what it is given however little of it has
 * been read, so that a request of 1 MB took 1 GB of memory before it could be refused (measured).
 */
function unpacked(packed: Uint8Array): Result<Uint8Array, BodyFault> {
  try {
    return ok(gunzipSync(packed, { maxOutputLength: REQUEST_BYTES_MAX }));
  } catch (error) {
    if (isTooLarge(error)) return fail(TOO_LARGE);
    return fail({ status: 400, reason: "unreadable", message: "The body cannot be unpacked: it is not whole gzip." });
  }
}

/** As the edge's runtime says it, and as Node does. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && /memory limit/i.test(error.message + ("code" in error ? String(error.code) : ""));

function parse(text: string): Result<unknown, BodyFault> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    // V8's message says where; it quotes at most a few characters of the sender's own body.
    const message = `The body is not JSON: ${error instanceof Error ? error.message : "unreadable"}`;
    return fail({ status: 400, reason: "invalid_json", message: message.slice(0, 300) });
  }
}
