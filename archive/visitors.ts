// Whether a Parquet file of events has some of a visitor: looked up in the visitors' column alone, and where that says so in
// when they were received.

import type { Eraser } from "../core/erasure.ts";
import { NotRead, type OpenFile, openParquet, r2Source, rowGroupsOf } from "./parquet-reader.ts";
import type { FileColumn } from "./parquet-writer.ts";

const VISITOR: FileColumn = { name: "visitor", type: "text" };
const RECEIVED_AT: FileColumn = { name: "received_at", type: "instant" };

/** Null when it is not there. Throws what R2 says, and the library about a file that is none. */
export async function openForVisitors(bucket: R2Bucket, key: string): Promise<OpenFile | null> {
  try {
    return await openParquet(await r2Source(bucket, key));
  } catch (error) {
    if (error instanceof NotRead && (await bucket.head(key)) === null) return null;
    throw error;
  }
}

/** Raw and derived files have both columns under the same names. */
export async function hasEventsFor(file: OpenFile, eraser: Eraser): Promise<boolean> {
  if (!(await hasVisitor(file, eraser))) return false;
  for await (const { rows, columns } of rowGroupsOf(file, [VISITOR, RECEIVED_AT])) {
    const [visitors, receivedAt] = [columns[0]!, columns[1]!];
    for (let row = 0; row < rows; row++) if (eraser.takes(String(visitors[row]), Number(receivedAt[row]))) return true;
  }
  return false;
}

async function hasVisitor(file: OpenFile, eraser: Eraser): Promise<boolean> {
  for await (const { rows, columns } of rowGroupsOf(file, [VISITOR])) {
    const visitors = columns[0]!;
    for (let row = 0; row < rows; row++) if (eraser.knows(String(visitors[row]))) return true;
  }
  return false;
}
