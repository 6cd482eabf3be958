// An object's SQLite in memory, with the interface of the platform, that counts rows as the platform bills them. The
// rules were measured in workerd (`cursor.rowsWritten`, `rowsRead`): a row inserted, replaced, updated or deleted is one
// written, whatever its size; creating a table is two, dropping one none. A row looked at is one read.

import { DatabaseSync, type StatementSync } from "node:sqlite";

type Value = string | number | null | Uint8Array;

export interface RowCounter {
  /** `table` without digits, so that all segments of the log are one. */
  wroteRows(table: string, rows: number): void;
  readRows(rows: number): void;
}

const ROWS_OF_A_NEW_TABLE = 2;

export class CountedSql {
  readonly #db = new DatabaseSync(":memory:");
  readonly #counter: RowCounter;
  readonly #statements = new Map<string, StatementSync>();

  constructor(counter: RowCounter) {
    this.#counter = counter;
  }

  exec(query: string, ...parameters: (Value | ArrayBuffer)[]) {
    const rows = query.startsWith("SELECT") ? this.#select(query, parameters) : this.#change(query, parameters);
    return {
      one: () => {
        if (rows.length !== 1) throw new Error(`${rows.length} rows, not one: ${query}`);
        return rows[0]!;
      },
      toArray: () => rows,
      [Symbol.iterator]: () => rows[Symbol.iterator](),
    };
  }

  #select(query: string, parameters: (Value | ArrayBuffer)[]): Record<string, unknown>[] {
    const rows = this.#statement(query).all(...parameters.map(bindable));
    // An aggregate is one row made of all of its table's.
    const table = /\bsum\(.*FROM (\w+)/.exec(query)?.[1];
    const read =
      table === undefined ? rows.length : Number(this.#statement(`SELECT count(*) AS n FROM ${table}`).get()!["n"]);
    this.#counter.readRows(read);
    return rows;
  }

  #change(query: string, parameters: (Value | ArrayBuffer)[]): [] {
    const table = /(?:INTO|FROM|UPDATE|TABLE(?: IF (?:NOT )?EXISTS)?) ([a-z_]+)/.exec(query)?.[1] ?? "other";
    if (/^(?:CREATE|DROP)/.test(query)) {
      const before = this.#tables();
      this.#db.exec(query);
      // Statements that name a dropped table would no longer run.
      this.#statements.clear();
      const created = Math.max(0, this.#tables() - before);
      if (created > 0) this.#counter.wroteRows("new tables", created * ROWS_OF_A_NEW_TABLE);
      return [];
    }
    const { changes } = this.#statement(query).run(...parameters.map(bindable));
    this.#counter.wroteRows(table, Number(changes));
    return [];
  }

  #statement(query: string): StatementSync {
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = this.#db.prepare(query);
      this.#statements.set(query, statement);
    }
    return statement;
  }

  #tables(): number {
    return Number(this.#db.prepare("SELECT count(*) AS n FROM sqlite_master").get()!["n"]);
  }
}

const bindable = (value: Value | ArrayBuffer): Value => (value instanceof ArrayBuffer ? new Uint8Array(value) : value);
