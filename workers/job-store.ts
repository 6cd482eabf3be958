// Jobs as they rest in R2, below jobs/<merchant>/<id>/: how one stands (state.json, replaced only by whoever has read it as it
// is), what is known of its days, piece by piece, and its result. What matters to counting them is in the metadata, so that
// a list is enough.

import { isExpired, isOver, type Job, JOB_KEPT_MS, type JobState, merchantOfJob } from "../core/job.ts";
import type { Env } from "./env.ts";

type Store = Pick<Env, "ARCHIVE">;

export interface StoredJob {
  job: Job;
  etag: string;
}

const PREFIX = "jobs/";
const REMOVED_AT_ONCE = 1_000;
const folderOf = (id: string): string => `${PREFIX}${merchantOfJob(id)}/${id}/`;
const stateKey = (id: string): string => `${folderOf(id)}state.json`;
/** The days from one on, and how many: what is found of the same days is the same, whoever finds it. */
const pieceKey = (id: string, from: number, days: number): string => `${folderOf(id)}piece-${from}-${days}.json`;
const resultKey = (id: string): string => `${folderOf(id)}result.json`;

/** Null when there is none, or not any more. */
export async function readJob({ ARCHIVE }: Store, id: string, nowMs: number): Promise<StoredJob | null> {
  if (merchantOfJob(id) === null) return null;
  const object = await ARCHIVE.get(stateKey(id));
  if (object === null) return null;
  const job: Job = await object.json();
  return isExpired(job, nowMs) ? null : { job, etag: object.etag };
}

/** `etag`: of what it replaces; null for a new one. Null when somebody else was faster. */
export async function writeJob({ ARCHIVE }: Store, job: Job, etag: string | null): Promise<StoredJob | null> {
  const written = await ARCHIVE.put(stateKey(job.id), JSON.stringify(job), {
    httpMetadata: { contentType: "application/json" },
    customMetadata: { state: job.state, asked: String(job.askedAtMs), moved: String(job.movedAtMs) },
    onlyIf: etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag },
  });
  return written === null ? null : { job, etag: written.etag };
}

export const writeResult = async ({ ARCHIVE }: Store, id: string, text: string): Promise<void> => {
  await ARCHIVE.put(resultKey(id), text, { httpMetadata: { contentType: "application/json" } });
};

export const readResult = async ({ ARCHIVE }: Store, id: string): Promise<string | null> =>
  (await ARCHIVE.get(resultKey(id)))?.text() ?? null;

export const writePiece = async ({ ARCHIVE }: Store, id: string, from: number, days: number, piece: unknown) => {
  await ARCHIVE.put(pieceKey(id, from, days), JSON.stringify(piece));
};

/** Throws when it is not there. */
export async function readPiece<Piece>({ ARCHIVE }: Store, id: string, from: number, days: number): Promise<Piece> {
  const object = await ARCHIVE.get(pieceKey(id, from, days));
  if (object === null) throw new Error(`${pieceKey(id, from, days)} is not in R2`);
  return object.json();
}

/** `all`: the job and its result too. */
export async function removeFiles({ ARCHIVE }: Store, id: string, all: boolean): Promise<void> {
  // The job first: what it needs goes when nobody looks for it any more.
  if (all) await ARCHIVE.delete([stateKey(id), resultKey(id)]);
  for (;;) {
    const { objects, truncated } = await ARCHIVE.list({ prefix: `${folderOf(id)}piece-`, limit: REMOVED_AT_ONCE });
    if (objects.length > 0) await ARCHIVE.delete(objects.map(({ key }) => key));
    if (!truncated) return;
  }
}

export interface JobStanding {
  id: string;
  isOver: boolean;
  movedAtMs: number;
}

/** All of a merchant's that have not expired. */
export async function standings({ ARCHIVE }: Store, merchant: string, nowMs: number): Promise<JobStanding[]> {
  const found: JobStanding[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? {} : { cursor };
    const page = await ARCHIVE.list({ prefix: `${PREFIX}${merchant}/`, include: ["customMetadata"], ...more });
    for (const { key, customMetadata: { state, asked, moved } = {} } of page.objects) {
      if (!key.endsWith("/state.json") || isExpired({ askedAtMs: Number(asked) }, nowMs)) continue;
      const id = key.split("/").at(-2)!;
      found.push({ id, isOver: isOver({ state: state as JobState }), movedAtMs: Number(moved) });
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}

/** Removes what has expired. The Worker's scheduled handler calls this; it touches jobs and nothing else. */
export async function dropOldJobs({ ARCHIVE }: Store, nowMs: number): Promise<number> {
  let dropped = 0;
  let cursor: string | undefined;
  do {
    const page = await ARCHIVE.list({
      prefix: PREFIX,
      limit: REMOVED_AT_ONCE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    // A result is younger than its job by as long as that took.
    const old = page.objects.filter(({ uploaded }) => uploaded.getTime() + 2 * JOB_KEPT_MS <= nowMs);
    if (old.length > 0) await ARCHIVE.delete(old.map(({ key }) => key));
    dropped += old.length;
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return dropped;
}
