import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { getTableColumns } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DIMENSIONS, MEASURES } from "../core/rollup.ts";
import { migrate } from "../scripts/migrate.ts";
import { startNeonBridge } from "../scripts/neon-bridge.ts";
import { type Postgres, startPostgres } from "../scripts/postgres.ts";
import { database, isDataError } from "./database.ts";
import { hourly_rollups } from "./schema.ts";

let folder: string;
let postgres: Postgres;
let client: pg.Client;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-migrations-"));
  fs.chmodSync(folder, 0o755);
  postgres = await startPostgres({ dataDir: path.join(folder, "postgres"), durable: false });
  await migrate(postgres.url);
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await postgres?.stop("crash");
  fs.rmSync(folder, { recursive: true, force: true });
});

const rows = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await client.query(text, values)).rows;

const insert = async (
  merchant: string,
  date: string,
  shard = 0,
  columns: Record<string, unknown> = {},
): Promise<void> => {
  const zeros = Object.fromEntries([...MEASURES, "foreign_orders"].map((name) => [name, 0]));
  const row = { date, hour: `${date}T00:00:00Z`, merchant, shard, seq: 1, currency: "EUR", ...zeros, ...columns };
  const names = Object.keys(row);
  await client.query(
    `INSERT INTO hourly_rollups (${names.map((name) => `"${name}"`).join()}) VALUES (${names.map((_, at) => `$${at + 1}`).join()})`,
    Object.values(row),
  );
};

const partitionOf = async (merchant: string): Promise<unknown[]> =>
  (
    await rows("SELECT tableoid::regclass::text AS name FROM hourly_rollups WHERE merchant = $1 ORDER BY date", [
      merchant,
    ])
  ).map(({ name }) => name);

test("the partitioned table has the columns of the schema, in the key order that writes like", async () => {
  const columns = await rows(
    "SELECT attname FROM pg_attribute WHERE attrelid = 'hourly_rollups'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
  );
  expect(columns.map(({ attname }) => attname)).toEqual(
    Object.values(getTableColumns(hourly_rollups)).map(({ name }) => name),
  );
  const [key] = await rows(
    "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = 'hourly_rollups'::regclass AND contype = 'p'",
  );
  expect(key?.["text"]).toBe("PRIMARY KEY (date, hour, merchant, shard, generation)");
});

test("queries are not compiled, whose cost over partitions is estimated far too high", async () => {
  const later = new pg.Client({ connectionString: postgres.url });
  await later.connect();
  try {
    expect((await later.query("SHOW jit")).rows).toEqual([{ jit: "off" }]);
  } finally {
    await later.end();
  }
});

test("days around today are prepared by the migration; any other date is taken by the default partition", async () => {
  const today = new Date().toISOString().slice(0, 10);
  await insert("m_today", today);
  await insert("m_2010", "2010-12-01");
  expect(await partitionOf("m_today")).toEqual([`hourly_rollups_${today.replaceAll("-", "")}`]);
  expect(await partitionOf("m_2010")).toEqual(["hourly_rollups_default"]);
});

test("preparing days moves rows that came early, keeps all others, and twice is once", async () => {
  for (const date of ["2031-01-01", "2031-01-02", "2031-01-09"]) await insert("m_early", date);
  expect(await rows("SELECT prepare_partitions('2031-01-01', '2031-01-03') AS made")).toEqual([{ made: 3 }]);
  expect(await rows("SELECT prepare_partitions('2031-01-01', '2031-01-04') AS made")).toEqual([{ made: 1 }]);
  expect(await partitionOf("m_early")).toEqual([
    "hourly_rollups_20310101",
    "hourly_rollups_20310102",
    "hourly_rollups_default",
  ]);
  await insert("m_early", "2031-01-03");
  expect((await partitionOf("m_early"))[2]).toBe("hourly_rollups_20310103");
});

test("dropping days drops what is before the date and nothing else", async () => {
  await rows("SELECT prepare_partitions('2001-05-01', '2001-05-03')");
  for (const date of ["2001-04-01", "2001-05-01", "2001-05-02", "2001-05-03"]) await insert("m_kept", date);
  expect(await rows("SELECT drop_partitions('2001-05-03') AS dropped")).toEqual([{ dropped: 2 }]);
  expect(await partitionOf("m_kept")).toEqual(["hourly_rollups_default", "hourly_rollups_20010503"]);
});

test("rollup_values unfolds every dimension; what was left out of a column is zero", async () => {
  const product = {
    v: ["sku1", "sku2"],
    label: ["Cup", null],
    visitors: [3, 1],
    orders: [2, 0],
    gross: [12_340_000, 0],
  };
  await insert("m_view", "2026-11-24", 0, { product, page: { v: ["/"], pageviews: [4] } });
  const values = await rows(
    "SELECT * FROM rollup_values WHERE merchant = 'm_view' AND dimension = 'product' ORDER BY value",
  );
  const zeros = Object.fromEntries(MEASURES.map((measure) => [measure, "0"]));
  expect(values).toMatchObject([
    { ...zeros, value: "sku1", label: "Cup", visitors: "3", orders: "2", gross: "12340000" },
    { ...zeros, value: "sku2", label: null, visitors: "1" },
  ]);
  const [{ count } = {}] = await rows("SELECT count(*) FROM rollup_values WHERE merchant = 'm_view'");
  expect(count).toBe("3");

  const everything = Object.fromEntries(DIMENSIONS.map((name, at) => [name, { v: [name], visits: [at] }]));
  await insert("m_every", "2026-11-24", 0, everything);
  const every = await rows("SELECT dimension, value, visits FROM rollup_values WHERE merchant = 'm_every'");
  expect(every).toEqual(DIMENSIONS.map((name, at) => ({ dimension: name, value: name, visits: String(at) })));
});

test("of a day views show the generation that the day book names, and the live one where it has no row", async () => {
  const columns = { visits: 1, page: { v: ["/live"], visits: [1] } };
  await insert("m_counted", "2026-11-24", 0, columns);
  await insert("m_counted", "2026-11-24", 0, { generation: 4, visits: 5, page: { v: ["/again"], visits: [5] } });
  const seen = async () => [
    await rows("SELECT visits FROM rollup_hours WHERE merchant = 'm_counted'"),
    await rows("SELECT value FROM rollup_values WHERE merchant = 'm_counted' AND dimension = 'page'"),
  ];
  expect(await seen()).toEqual([[{ visits: "1" }], [{ value: "/live" }]]);
  await rows(`INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts, generation)
    VALUES ('2026-11-24', 'm_counted', 0, 1, 0, 0, 0, '{}', '{}', 4)`);
  expect(await seen()).toEqual([[{ visits: "5" }], [{ value: "/again" }]]);
});

test("each generation past the live one gets a number of its own", async () => {
  const next = async () => Number((await rows("SELECT nextval('rollup_generations') AS n"))[0]?.["n"]);
  expect([await next(), await next()]).toEqual([1, 2]);
});

test("rollup_hours adds up the shards of an hour", async () => {
  await insert("m_hours", "2026-11-24", 0, { visits: 2, gross: 9_000_000_000_000_000, foreign_orders: 1 });
  await insert("m_hours", "2026-11-24", 1, { visits: 3, gross: 1 });
  const [hour] = await rows("SELECT * FROM rollup_hours WHERE merchant = 'm_hours'");
  expect(hour).toMatchObject({
    shards: "2",
    visits: "5",
    gross: "9000000000000001",
    foreign_orders: "1",
    currency: "EUR",
  });
});

test("Neon's driver reaches it through the bridge, and tells refused data from everything else", async () => {
  const bridge = await startNeonBridge({ databaseUrl: postgres.url });
  const sql = database({ DATABASE_URL: postgres.url, NEON_BRIDGE: bridge.address });
  try {
    expect(await sql`SELECT ${7}::int AS seven`).toEqual([{ seven: 7 }]);
    const refusal = (text: string): Promise<unknown> => sql.query(text).then(() => "none", isDataError);
    expect(await refusal("SELECT 'x'::int")).toBe(true);
    expect(await refusal("INSERT INTO merchants (id) VALUES ('m_x')")).toBe(true);
    expect(await refusal("SELECT * FROM not_there_yet")).toBe(false);
  } finally {
    await bridge.close();
  }
  expect(await sql`SELECT 1`.then(() => "none", isDataError)).toBe(false);
});
