// Reads a request's body at the door: type and size before anything else, then bytes → text → JSON. A compressed body
// is bounded by what it unpacks to. Never throws.

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
  const text = await readText(request, encoding === "gzip");
  return text.ok ? parse(text.value) : text;
}

async function readText(request: Request, gzip: boolean): Promise<Result<string, BodyFault>> {
  // A body with a declared length within the limit is read at once; anything else piece by piece against it.
  if (!gzip && request.headers.has("content-length")) return ok(await request.text());
  if (request.body === null) return ok("");
  const sent = request.body as ReadableStream<Uint8Array>;
  const body: ReadableStream<Uint8Array> = gzip ? sent.pipeThrough(new DecompressionStream("gzip")) : sent;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const piece of body) {
      bytes += piece.byteLength;
      if (bytes > REQUEST_BYTES_MAX) return fail(TOO_LARGE);
      text += decoder.decode(piece, { stream: true });
    }
  } catch {
    return fail({ status: 400, reason: "unreadable", message: "The body cannot be unpacked: it is not whole gzip." });
  }
  return ok(text + decoder.decode());
}

function parse(text: string): Result<unknown, BodyFault> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    // V8's message says where; it quotes at most a few characters of the sender's own body.
    const message = `The body is not JSON: ${error instanceof Error ? error.message : "unreadable"}`;
    return fail({ status: 400, reason: "invalid_json", message: message.slice(0, 300) });
  }
}
