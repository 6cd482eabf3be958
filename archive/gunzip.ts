// Decompression with a bound: a small message must not become a large string in an isolate of 128 MB.

import { fail, ok, type Result } from "../core/result.ts";

/** The largest there can be is one dimension with 2,000 values whose sketches are all full: 21 MB. */
export const DECOMPRESSED_BYTES_MAX = 24_000_000;

/** The bytes, or why not. Reads no further than `maxBytes`. */
export const gunzip = async (
  body: Uint8Array<ArrayBuffer>,
  maxBytes = DECOMPRESSED_BYTES_MAX,
): Promise<Result<Uint8Array<ArrayBuffer>, string>> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"))) {
      bytes += chunk.byteLength;
      // Leaving the loop cancels the stream.
      if (bytes > maxBytes) return fail(`longer than ${maxBytes} bytes when decompressed`);
      chunks.push(chunk);
    }
  } catch {
    return fail("not gzip");
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return ok(whole);
};
