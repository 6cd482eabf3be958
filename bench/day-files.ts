// For benchmarks of the seal and of replay: the places that a Worker has in R2, as files of a folder.

import fs from "node:fs/promises";
import path from "node:path";
import type { ShelfStore } from "../queues/hour-shelf.ts";
import type { Source } from "../queues/parquet-reader.ts";
import type { Sink } from "../queues/parquet-writer.ts";

export async function fileSource(file: string): Promise<Source> {
  const { size } = await fs.stat(file);
  return {
    bytes: size,
    read: async (start, end) => {
      await using handle = await fs.open(file);
      const bytes = new ArrayBuffer(end - start);
      await handle.read(new Uint8Array(bytes), 0, end - start, start);
      return bytes;
    },
  };
}

/** The whole file in memory, for what is measured without its disk. */
export async function memorySource(file: string): Promise<Source> {
  const bytes = new Uint8Array(await fs.readFile(file)).buffer;
  return { bytes: bytes.byteLength, read: async (start, end) => bytes.slice(start, end) };
}

export async function fileSink(file: string): Promise<Sink> {
  const handle = await fs.open(file, "w");
  return {
    write: async (bytes) => void (await handle.write(bytes)),
    finish: () => handle.close(),
    abort: () => handle.close(),
  };
}

export const folderShelf = (folder: string): ShelfStore => ({
  put: (name, bytes) => fs.writeFile(path.join(folder, name), bytes),
  get: async (name) => new Uint8Array(await fs.readFile(path.join(folder, name))),
  delete: async (names) => {
    for (const name of names) await fs.rm(path.join(folder, name));
  },
});
