import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { openParquet, r2Source, rowGroupsOf } from "./parquet-reader.ts";
import { type FileColumn, ParquetFile, R2Sink } from "./parquet-writer.ts";

const { ARCHIVE } = env as unknown as { ARCHIVE: R2Bucket };

test("a file from before there was a column has nulls in it", async () => {
  const before: FileColumn[] = [{ name: "id", type: "text" }];
  const file = new ParquetFile(before, new R2Sink(ARCHIVE, "older"));
  await file.write([["a", "b"]]);
  await file.finish({});
  const opened = await openParquet(await r2Source(ARCHIVE, "older"));
  const groups = [];
  for await (const { rows, columns } of rowGroupsOf(opened, [{ name: "excluded_address", type: "flag" }, ...before]))
    groups.push([rows, columns.map((column) => Array.from(column))]);
  expect(groups).toEqual([
    [
      2,
      [
        [null, null],
        ["a", "b"],
      ],
    ],
  ]);
});
