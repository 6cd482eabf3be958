// What a merchant shard keeps in SQLite, and nothing of what it means. Rows written are what an object costs
// ($1 per million, whatever their size), so:
//   log_<first>   one table per segment of the log, one row per group commit, INTEGER key, no index. A segment is dropped
//                 whole once R2 has it: measured in workerd, DROP TABLE writes 0 rows and CREATE TABLE 2, where deleting
//                 its rows would cost as much as writing them did. Each row says how large the segment is with it, so
//                 that an object that wakes, which it does for most of its requests, reads one row and not all.
//   hours         the hours of open days as of the checkpoint; a large one in several rows (2 MB is the limit of a row)
//   state         the checkpoint (days, live visits, orders) and what Postgres has confirmed
//   ids           recent event ids, 8 bytes each, in blocks

import { SQL_ROW_BYTES_MAX } from "../core/limits.ts";
import type { Notes } from "../core/shard.ts";

export interface LogRow {
  seq: number;
  /** NDJSON, without a newline at the end; empty when the commit had no events. */
  events: string;
  notes: Notes;
}

/** A segment up to and with its last row. */
export interface SegmentSize {
  last: number;
  bytes: number;
  events: number;
  /** When its first events came; 0 before. */
  openedAtMs: number;
}

/** A JavaScript character is at most 3 bytes of UTF-8. */
const PIECE_CHARS = Math.floor(SQL_ROW_BYTES_MAX / 3) - 1_000;
/** Rows that an hour may take. */
const PIECES_MAX = 64;
const IDS_PER_BLOCK = 8_192;
/** Ids in `state`: that all of it was erased, what is confirmed, then the checkpoint in as many rows as it takes. */
const ERASED = -2;
const CONFIRMED = -1;
const CHECKPOINT = 0;

export class ShardStorage {
  /** Its merchant has been erased. */
  isErased: boolean;
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS hours(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL);" +
        "CREATE TABLE IF NOT EXISTS state(id INTEGER PRIMARY KEY, body TEXT NOT NULL);" +
        "CREATE TABLE IF NOT EXISTS ids(id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    );
    this.isErased = [...sql.exec("SELECT id FROM state WHERE id = ?", ERASED)].length > 0;
  }

  markErased(): void {
    this.#putState(ERASED, "");
    this.isErased = true;
  }

  /** First sequences of the log's segments, ascending. */
  segments(): number[] {
    const rows = this.#sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name GLOB 'log_[0-9]*'");
    return [...rows].map((row) => Number(row.name.slice(4))).sort((a, b) => a - b);
  }

  createSegment(first: number): void {
    this.#sql.exec(
      `CREATE TABLE log_${first}(seq INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, count INTEGER NOT NULL, ` +
        "opened_at INTEGER NOT NULL, notes TEXT NOT NULL, events TEXT NOT NULL)",
    );
  }

  dropSegment(first: number): void {
    this.#sql.exec(`DROP TABLE IF EXISTS log_${first}`);
  }

  /** `size` is the segment's with this row. */
  appendRow(segment: number, size: SegmentSize, events: string, notes: string): void {
    const { last, bytes, events: count, openedAtMs } = size;
    this.#sql.exec(
      `INSERT INTO log_${segment} VALUES (?, ?, ?, ?, ?, ?)`,
      last,
      bytes,
      count,
      openedAtMs,
      notes,
      events,
    );
  }

  *rows(segment: number, after: number): Generator<LogRow> {
    const rows = this.#sql.exec<{ seq: number; events: string; notes: string }>(
      `SELECT seq, events, notes FROM log_${segment} WHERE seq > ? ORDER BY seq`,
      after,
    );
    for (const row of rows) yield { seq: row.seq, events: row.events, notes: JSON.parse(row.notes) as Notes };
  }

  /** Null when it has no rows. */
  segmentSize(segment: number): SegmentSize | null {
    const rows = this.#sql.exec<{ seq: number; bytes: number; count: number; opened_at: number }>(
      `SELECT seq, bytes, count, opened_at FROM log_${segment} ORDER BY seq DESC LIMIT 1`,
    );
    const [row] = [...rows];
    if (row === undefined) return null;
    return { last: row.seq, bytes: row.bytes, events: row.count, openedAtMs: row.opened_at };
  }

  saveHour(hourMs: number, seq: number, body: string): void {
    const base = hourId(hourMs);
    const pieces = cutPieces(body);
    if (pieces.length > PIECES_MAX) throw new Error(`an hour of ${body.length} characters is more than any can be`);
    pieces.forEach((piece, i) => {
      this.#sql.exec("INSERT OR REPLACE INTO hours VALUES (?, ?, ?)", base + i, seq, piece);
    });
    this.#sql.exec("DELETE FROM hours WHERE id >= ? AND id < ?", base + pieces.length, base + PIECES_MAX);
  }

  loadHour(hourMs: number): string | null {
    const base = hourId(hourMs);
    const rows = this.#sql.exec<{ body: string }>(
      "SELECT body FROM hours WHERE id >= ? AND id < ? ORDER BY id",
      base,
      base + PIECES_MAX,
    );
    const body = [...rows].map((row) => row.body).join("");
    return body === "" ? null : body;
  }

  /** Forgets the hours in [fromMs, toMs). */
  dropHours(fromMs: number, toMs: number): void {
    this.#sql.exec("DELETE FROM hours WHERE id >= ? AND id < ?", hourId(fromMs), hourId(toMs));
  }

  /** Every stored hour with its sequence. */
  hourSeqs(): Map<number, number> {
    const rows = this.#sql.exec<{ id: number; seq: number }>("SELECT id, seq FROM hours WHERE id % ? = 0", PIECES_MAX);
    return new Map([...rows].map((row) => [(row.id / PIECES_MAX) * 1_000, row.seq]));
  }

  saveCheckpoint(body: string): void {
    const pieces = cutPieces(body);
    pieces.forEach((piece, i) => this.#putState(CHECKPOINT + i, piece));
    this.#sql.exec("DELETE FROM state WHERE id >= ?", CHECKPOINT + pieces.length);
  }

  loadCheckpoint(): string | null {
    const rows = this.#sql.exec<{ body: string }>("SELECT body FROM state WHERE id >= ? ORDER BY id", CHECKPOINT);
    const body = [...rows].map((row) => row.body).join("");
    return body === "" ? null : body;
  }

  saveConfirmed(body: string): void {
    this.#putState(CONFIRMED, body);
  }

  loadConfirmed(): string | null {
    return [...this.#sql.exec<{ body: string }>("SELECT body FROM state WHERE id = ?", CONFIRMED)][0]?.body ?? null;
  }

  /** Saves the ids from position `from` on: whole blocks are never written again. */
  saveIds(from: number, added: number, since: (from: number) => Uint8Array<ArrayBuffer>): void {
    for (let block = Math.floor(from / IDS_PER_BLOCK); block * IDS_PER_BLOCK < added; block++) {
      const bytes = since(block * IDS_PER_BLOCK);
      this.#sql.exec("INSERT OR REPLACE INTO ids VALUES (?, ?)", block, bytes.slice(0, IDS_PER_BLOCK * 8).buffer);
    }
  }

  /** Blocks in order, and the position of the first one's first id. */
  loadIds(): { first: number; blocks: Uint8Array[] } {
    const rows = [...this.#sql.exec<{ id: number; body: ArrayBuffer }>("SELECT id, body FROM ids ORDER BY id")];
    return { first: (rows[0]?.id ?? 0) * IDS_PER_BLOCK, blocks: rows.map((row) => new Uint8Array(row.body)) };
  }

  /** Forgets blocks that hold nothing but ids before position `from`. */
  dropIds(from: number): void {
    this.#sql.exec("DELETE FROM ids WHERE id < ?", Math.floor(from / IDS_PER_BLOCK));
  }

  #putState(id: number, body: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO state VALUES (?, ?)", id, body);
  }
}

const hourId = (hourMs: number): number => (hourMs / 1_000) * PIECES_MAX;

function cutPieces(body: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < body.length; at += PIECE_CHARS) pieces.push(body.slice(at, at + PIECE_CHARS));
  return pieces;
}
