// What Postgres has lost, found again: merchants in KV, days in R2. Each slice of the listing puts back merchants, and of days
// that are sealed the row of the day book, as far as they are not there; days whose rollups are missing become units of the
// run, which counts them. Objects that may have more than R2 has are told to publish it once more.

import { rawFileKey, rawNameOf } from "../core/archive.ts";
import type { Books } from "../core/books.ts";
import type { Merchant } from "../core/merchant.ts";
import { type CountedAs, processingOf } from "../core/processing.ts";
import { NO_RULES } from "../core/rules.ts";
import { readSealNote, rulesSince, type RunRecord, SEAL_NOTE, type SealNote } from "../core/seal-note.ts";
import { openRawFile, RawDayError } from "../archive/raw-day.ts";
import { database, type Sql } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { findMerchant, keptConfigs, type MerchantConfig } from "./merchants.ts";
import type { Listing } from "./replay-units.ts";
import { rememberedRuns } from "./run-records.ts";
import { askShards } from "./shards.ts";

/** Keys of one slice. */
const KEYS_AT_ONCE = 1_000;
const FILES_AT_ONCE = 8;
const KV = "kv";
const R2 = "r2";

/** A sealed day as R2 has it. */
interface LostDay {
  merchant: string;
  date: string;
  shard: number;
  sealed_seq: number;
  books: Books;
  counted_as: CountedAs;
}

/** The next slice; how far it has come, or null when that was all. */
export async function listLost(env: Env, listing: Listing): Promise<string | null> {
  const [phase = KV, ...rest] = listing.listing.split("/");
  const after = rest.join("/");
  if (listing.listing === "" || phase === KV) {
    const next = await listMerchants(env, listing, after);
    return next === null ? `${R2}/` : `${KV}/${next}`;
  }
  const next = await listFiles(env, listing, after);
  return next === null ? null : `${R2}/${next}`;
}

/** Merchants that have had traffic lately: their hours of open days are in their objects. */
async function listMerchants(env: Env, { merchants }: Listing, cursor: string): Promise<string | null> {
  const page = await keptConfigs(env, cursor);
  const configs = page.configs.filter(({ merchant }) => merchants === null || merchants.includes(merchant.id));
  await putBackMerchants(database(env), configs);
  for (const { merchant } of configs) await republish(env, merchant);
  return page.cursor;
}

async function republish(env: Env, merchant: Merchant): Promise<void> {
  try {
    await askShards(env, merchant, (shard) => shard.republish());
  } catch (error) {
    console.warn(`rebuild: a shard of ${merchant.id} could not be told to publish again: ${String(error)}`);
  }
}

async function putBackMerchants(sql: Sql, configs: readonly MerchantConfig[]): Promise<void> {
  const rows = configs.map(({ merchant, retentionDays }) => ({ ...merchant, retention_days: retentionDays }));
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards, spread, retention_days)
    SELECT id, name, zone, currency, ARRAY(SELECT json_array_elements_text(domains)), shards, spread, retention_days
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS m (id text, name text, zone text, currency text, domains json, shards int, spread json, retention_days int)
    ON CONFLICT DO NOTHING`;
  await sql`INSERT INTO rules_versions (merchant, version, rules, who, why, at)
    SELECT id, (rules ->> 'version')::int, (rules::jsonb - 'version')::json, 'rebuild', 'put back', '2000-01-01'
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS m (id text, rules json)
    WHERE rules ->> 'version' IS NOT NULL AND NOT EXISTS (SELECT FROM rules_versions v WHERE v.merchant = m.id)
    ON CONFLICT DO NOTHING`;
}

interface Place {
  merchant: string;
  date: string;
  shard: number;
  /** Of its last file; null where there is none. */
  through: number | null;
  key: string;
  /** Chunks that may not be in the file. */
  chunks: number[];
}

async function listFiles(env: Env, listing: Listing, after: string): Promise<string | null> {
  const { merchants, from, to } = listing;
  const prefixes = (merchants?.toSorted() ?? [""]).map((id) => (id === "" ? "raw/" : `raw/merchant=${id}/`));
  const prefix = prefixes.find((each) => after === "" || after < each || after.startsWith(each));
  if (prefix === undefined) return null;
  const page = await env.ARCHIVE.list({
    prefix,
    limit: KEYS_AT_ONCE,
    ...(after.startsWith(prefix) ? { startAfter: after } : {}),
  });
  const places = placesIn(page.objects.map(({ key }) => key));
  // The last one may go on in the next page.
  const whole = page.truncated && places.length > 1 ? places.slice(0, -1) : places;
  await putBack(
    env,
    listing.run,
    whole.filter(({ date }) => from <= date && date <= to),
  );
  const last = whole.at(-1)?.key;
  if (page.truncated && last !== undefined) return last;
  const following = prefixes[prefixes.indexOf(prefix) + 1];
  return following === undefined ? null : following.slice(0, -1);
}

const PLACE = /^raw\/merchant=([^/]+)\/date=(\d{4}-\d\d-\d\d)\/s(\d\d)-/;

/** Of keys in their order; each with the last of its keys. */
function placesIn(keys: readonly string[]): Place[] {
  const places: Place[] = [];
  for (const key of keys) {
    const [, merchant, date, shard] = PLACE.exec(key) ?? [];
    const name = rawNameOf(key);
    if (merchant === undefined || date === undefined || name === null) continue;
    let place = places.at(-1);
    if (place?.merchant !== merchant || place.date !== date || place.shard !== Number(shard)) {
      place = { merchant, date, shard: Number(shard), through: null, key, chunks: [] };
      places.push(place);
    }
    place.key = key;
    if (name.kind === "file") place.through = Math.max(place.through ?? 0, name.through);
    else place.chunks.push(name.from);
  }
  return places;
}

async function putBack(env: Env, run: number, places: readonly Place[]): Promise<void> {
  const sql = database(env);
  const records = await rememberedRuns(env);
  const found: { day: LostDay; isWhole: boolean; merchant: Merchant }[] = [];
  for (let at = 0; at < places.length; at += FILES_AT_ONCE) {
    const some = await Promise.all(places.slice(at, at + FILES_AT_ONCE).map((place) => readPlace(env, place, records)));
    found.push(...some.filter((one) => one !== null));
  }
  const merchants = new Map(found.map(({ merchant }) => [merchant.id, merchant]));
  await putBackMerchants(
    sql,
    [...merchants.values()].map((merchant) => ({ merchant, organisation: null, retentionDays: null })),
  );
  await putBackBooks(sql, found);
  await makeUnits(
    sql,
    run,
    found.map(({ day }) => day),
  );
}

/** Null where there is no file, or none that can be read: then the day is its chunks', or nobody's. */
async function readPlace(
  env: Env,
  { merchant: id, date, shard, through, chunks }: Place,
  records: readonly RunRecord[],
) {
  if (through === null) return null;
  const key = rawFileKey(id, date, shard, through);
  try {
    const file = await openRawFile(env.ARCHIVE, key);
    const note = readSealNote(file.file.notes[SEAL_NOTE]) ?? (await withoutNote(env, id, file.rows));
    if (note === null) return null;
    const { merchant, books } = note;
    const counted_as = { ...note.countedAs, rules: rulesSince(note, date, records) };
    const day: LostDay = { merchant: id, date, shard, sealed_seq: through, books, counted_as };
    // While its chunks are there, a file may be that of a seal that was interrupted.
    return { day, merchant, isWhole: !chunks.some((from) => from <= file.chunksTo) };
  } catch (error) {
    if (!(error instanceof RawDayError)) throw error;
    console.error(`rebuild: ${key} cannot be read: ${String(error)}`);
    return null;
  }
}

/** Files of before there were notes: the merchant is taken as it is now, and what was not accepted is in the object's books alone. */
async function withoutNote(env: Env, id: string, rows: number): Promise<SealNote | null> {
  const merchant = await findMerchant(env, id);
  if (merchant === null) return null;
  const books: Books = { received: rows, accepted: rows, duplicate: 0, rejected: {}, verdicts: {} };
  return { atMs: 0, merchant, countedAs: processingOf(merchant, merchant.rules ?? NO_RULES), books, run: null };
}

const LOST = JSON.stringify({ lost: "its numbers are being put back from R2" });

const DAYS = `json_to_recordset($1::json) AS d (date date, merchant text, shard smallint, sealed_seq bigint, counted_as json, books json),
  json_to_record(d.books) AS c (received bigint, accepted bigint, duplicate bigint, rejected json, verdicts json)`;
/** Sequence 0: whatever the object publishes of its books replaces them. */
const BOOKS = `INSERT INTO day_book AS b (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts,
    generation, sealed_at, sealed_seq, proven, difference, counted_as)
  SELECT d.date, d.merchant, d.shard, 0, c.received, c.accepted, c.duplicate, c.rejected, c.verdicts,
    0, now(), d.sealed_seq, false, '${LOST}', d.counted_as FROM ${DAYS}
  ON CONFLICT (date, merchant, shard)`;
const LATE = `b.accepted - excluded.accepted`;

/** Books that the object has published meanwhile stay, but for its verdicts: those are the seal's, and what came since is late. */
async function putBackBooks(sql: Sql, found: readonly { day: LostDay; isWhole: boolean }[]): Promise<void> {
  const json = (isWhole: boolean) => [
    JSON.stringify(found.filter((one) => one.isWhole === isWhole).map(({ day }) => day)),
  ];
  await sql.query(`${BOOKS} DO NOTHING`, json(false));
  await sql.query(
    `${BOOKS} DO UPDATE SET sealed_at = now(), sealed_seq = excluded.sealed_seq, proven = false, difference = excluded.difference,
      counted_as = excluded.counted_as, stale_seq = CASE WHEN ${LATE} > 0 THEN b.seq END, verdicts = (excluded.verdicts::jsonb ||
        CASE WHEN ${LATE} > 0 THEN jsonb_build_object('late', ${LATE}) ELSE '{}' END)::json
      WHERE b.sealed_seq IS NULL`,
    json(true),
  );
}

/** Of days that are sealed and whose numbers are not there. Hours are kept for ninety days. */
async function makeUnits(sql: Sql, run: number, days: readonly LostDay[]): Promise<void> {
  await sql`INSERT INTO replay_units (run, merchant, date, shard)
    SELECT ${run}, b.merchant, b.date, b.shard
    FROM json_to_recordset(${JSON.stringify(days)}::json) AS d (date date, merchant text, shard smallint)
    JOIN day_book b USING (date, merchant, shard)
    WHERE b.sealed_seq IS NOT NULL AND (
      NOT EXISTS (SELECT FROM daily_rollups r WHERE (r.merchant, r.date, r.shard, r.generation) = (b.merchant, b.date, b.shard, b.generation))
      OR (b.date > current_date - 89 AND (b.verdicts ->> 'counted')::bigint > 0 AND NOT EXISTS (
        SELECT FROM hourly_rollups h WHERE (h.date, h.merchant, h.shard, h.generation) = (b.date, b.merchant, b.shard, b.generation))))
    ON CONFLICT DO NOTHING`;
}

/** So that no new run has the number of one that R2 remembers. */
export async function passRememberedRuns(env: Env): Promise<void> {
  const last = Math.max(0, ...(await rememberedRuns(env)).map(({ run }) => run));
  if (last > 0)
    await database(env)`SELECT setval('rollup_generations', greatest(${last}, last_value)) FROM rollup_generations`;
}
