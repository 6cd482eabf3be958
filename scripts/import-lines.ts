// The lines of a text file, plain or gzip, in the pieces in which they are read: memory holds a piece, however long the
// file is. "-" is standard input.

import fs from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const PIECE_BYTES = 256 * 1024;

/** Throws when the file cannot be read or is no whole gzip. */
export async function* readLines(file: string): AsyncGenerator<string[], undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of bytesOf(file)) {
    const lines = (rest + decoder.decode(piece as Uint8Array, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield [rest];
  return undefined;
}

/** The file's bytes, unpacked. */
export function bytesOf(file: string): Readable {
  const bytes: Readable = file === "-" ? process.stdin : fs.createReadStream(file, { highWaterMark: PIECE_BYTES });
  if (!file.endsWith(".gz")) return bytes;
  const unpacked = createGunzip({ chunkSize: PIECE_BYTES });
  bytes.on("error", (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked);
}
