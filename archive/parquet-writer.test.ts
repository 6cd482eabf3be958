import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { openParquet, r2Source, rowGroupsOf } from "./parquet-reader.ts";
import { type FileColumn, ParquetFile, R2Sink } from "./parquet-writer.ts";

const { ARCHIVE } = env as unknown as { ARCHIVE: R2Bucket };
const MEGABYTE = 1_000_000;
const PART_BYTES = 5 * 1024 * 1024;

/** No two stretches of them are alike. */
const someBytes = (size: number): Uint8Array =>
  new Uint8Array(Uint32Array.from({ length: Math.ceil(size / 4) }, (_, n) => Math.imul(n, 0x9e3779b1)).buffer, 0, size);

/** The bucket, with the sizes of what is put. */
const measured = () => {
  const parts: number[] = [];
  let aborted = 0;
  const bucket = {
    put: (...args: Parameters<R2Bucket["put"]>) => ARCHIVE.put(...args),
    createMultipartUpload: async (...args: Parameters<R2Bucket["createMultipartUpload"]>) => {
      const upload = await ARCHIVE.createMultipartUpload(...args);
      return {
        uploadPart: (n: number, bytes: Uint8Array) => {
          parts.push(bytes.length);
          return upload.uploadPart(n, bytes);
        },
        complete: (all: R2UploadedPart[]) => upload.complete(all),
        abort: () => {
          aborted++;
          return upload.abort();
        },
      };
    },
  } as unknown as R2Bucket;
  return { bucket, parts, aborted: () => aborted };
};

test.each([0, 10, PART_BYTES, PART_BYTES + 1, 12 * MEGABYTE])(
  "%s bytes arrive as they were written, in parts of equal size but the last",
  async (size) => {
    const bytes = someBytes(size);
    const { bucket, parts } = measured();
    const sink = new R2Sink(bucket, `sink/${size}`);
    for (let at = 0; at < size; at += 777_777) await sink.write(bytes.subarray(at, at + 777_777));
    await sink.finish();
    const stored = new Uint8Array(await (await ARCHIVE.get(`sink/${size}`))!.arrayBuffer());
    expect(stored.length).toBe(size);
    expect(stored.every((byte, at) => byte === bytes[at])).toBe(true);
    expect(parts.slice(0, -1).every((part) => part === PART_BYTES)).toBe(true);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(size > PART_BYTES ? size : 0);
    expect(parts.at(-1) ?? 1).toBeGreaterThan(0);
  },
);

test("a file that is given up is not there, nor is its upload", async () => {
  const { bucket, aborted } = measured();
  const sink = new R2Sink(bucket, "sink/aborted");
  await sink.write(someBytes(6 * MEGABYTE));
  await sink.abort();
  expect(aborted()).toBe(1);
  expect(await ARCHIVE.head("sink/aborted")).toBeNull();
});

const COLUMNS: FileColumn[] = [
  { name: "n", type: "integer" },
  { name: "at", type: "instant", bounds: true },
  { name: "text", type: "text" },
  { name: "flag", type: "flag" },
  { name: "number", type: "number" },
];

test("row groups are read one by one with their values, the notes with the footer", async () => {
  const file = new ParquetFile(COLUMNS, new R2Sink(ARCHIVE, "sink/groups.parquet"));
  const groups = [
    [
      [1, 2, null],
      [5, 6, 7],
      ["a", null, "\u{1F600}"],
      [true, null, false],
      [0.1, null, -1e300],
    ],
    [[9e15], [Date.UTC(2026, 10, 24)], [null], [null], [3]],
  ];
  for (const group of groups) await file.write(group);
  await file.finish({ who: "ö" });
  const opened = await openParquet(await r2Source(ARCHIVE, "sink/groups.parquet"));
  expect([opened.rows, opened.notes]).toEqual([4, { who: "ö" }]);
  const read: unknown[] = [];
  for await (const { rows, columns } of rowGroupsOf(opened, COLUMNS)) {
    const plain = columns.map((column) => Array.from(column, (value) => (value === undefined ? null : value)));
    expect(plain.every((column) => column.length === rows)).toBe(true);
    read.push(plain.map((column) => column.map((value) => (typeof value === "bigint" ? Number(value) : value))));
  }
  expect(read).toEqual(groups);
});

test("a file that is replaced while it is read is not read on", async () => {
  const write = async (text: string): Promise<void> => {
    const file = new ParquetFile([{ name: "text", type: "text" }], new R2Sink(ARCHIVE, "sink/replaced.parquet"));
    for (let group = 0; group < 3; group++) await file.write([[text]]);
    await file.finish({});
  };
  await write("before");
  const groups = rowGroupsOf(await openParquet(await r2Source(ARCHIVE, "sink/replaced.parquet")), [
    { name: "text", type: "text" },
  ]);
  expect((await groups.next()).value?.columns).toEqual([["before"]]);
  await write("after");
  const rest = async (): Promise<unknown> => [await groups.next(), await groups.next()];
  await expect(rest()).rejects.toThrow("was replaced");
});
