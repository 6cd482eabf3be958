import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeAll, expect, test } from "vitest";
import { chunkKey, derivedFileKey, rawFileKey } from "../core/archive.ts";
import type { Merchant } from "../core/merchant.ts";
import { ParquetFile, R2Sink } from "../archive/parquet-writer.ts";
import { RAW_FILE_COLUMNS } from "../archive/raw-day.ts";
import { database } from "../migrations/database.ts";
import type { Access, Guarded } from "./access.ts";
import { listDayFiles } from "./day-files.ts";
import { fileListRoutes, fileRoutes } from "./downloads.ts";
import type { Env } from "./env.ts";
import { seal } from "./reports-doubles.ts";

const bindings = env as unknown as Env;
const HOME = "https://edge.example";
const MERCHANTS = new Map(
  ["m_files", "m_foreign"].map((id): [string, Merchant] => [
    id,
    { id, name: id, zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 2 },
  ]),
);

const OPERATOR: Access = { kind: "operator" };

const realNow = Date.now;
afterEach(() => {
  Date.now = realNow;
});

/** The routes as api.ts mounts them: addresses of files before the guard. */
const appFor = (access: Access) => {
  const app = new Hono<{ Bindings: Env; Variables: Guarded }>();
  app.route("/api/v1/files", fileRoutes());
  app.use(async (c, next) => {
    c.set("access", access);
    await next();
  });
  app.route(
    "/api/v1/merchants",
    fileListRoutes(async (_, id) => MERCHANTS.get(id) ?? null),
  );
  return app;
};
const app = appFor(OPERATOR);

interface Listed {
  files: {
    name: string;
    date: string;
    shard: number;
    bytes: number;
    generation?: number;
    format: string;
    url: string;
  }[];
  next: string | null;
  expires_at: string;
  error: { pointer: string; reason: string };
}

const list = async (merchant: string, search: string, asked = app) => {
  const response = await asked.request(`${HOME}/api/v1/merchants/${merchant}/files?${search}`, {}, bindings);
  return { status: response.status, body: await response.json<Listed>() };
};
const ALL = "from=2026-01-01&to=2026-01-31";
const open = (url: string, headers: Record<string, string> = {}, method = "GET") =>
  app.request(url, { method, headers }, bindings);

const put = (key: string, text: string) => bindings.ARCHIVE.put(key, text);

beforeAll(async () => {
  const of = { merchant: "m_files", shard: 0 };
  for (const date of ["2026-01-05", "2026-01-06"]) {
    for (const generation of [0, 7])
      await put(derivedFileKey("m_files", date, 0, generation), `${date} g${generation}`);
    await put(derivedFileKey("m_files", date, 1, 0), "other shard");
  }
  await put(derivedFileKey("m_foreign", "2026-01-05", 0, 0), "foreign");
  await seal(bindings, { ...of, date: "2026-01-05" }, 7);
  await seal(bindings, { ...of, shard: 1, date: "2026-01-05" });
  // The seal of the 6th was interrupted after its first shard.
  await seal(bindings, { ...of, date: "2026-01-06" });

  const file = new ParquetFile(
    RAW_FILE_COLUMNS,
    new R2Sink(bindings.ARCHIVE, rawFileKey("m_files", "2026-01-05", 0, 20)),
  );
  await file.finish({ chunks_to: "18", sha256: "-" });
  await put(rawFileKey("m_files", "2026-01-05", 0, 9), "of a seal before");
  for (const [from, to] of [
    [10, 18],
    [19, 22],
    [23, 30],
  ] as const)
    await put(chunkKey({ ...of, date: "2026-01-05", from, to }), "chunk");
  await put(chunkKey({ ...of, date: "2026-01-07", from: 31, to: 40 }), "chunk");
});

test("derived files are those of the generation that readers see, and of sealed days alone", async () => {
  const { body } = await list("m_files", `kind=derived&${ALL}`);
  expect(body.files.map(({ url: _, ...file }) => file)).toEqual([
    {
      name: "events/merchant=m_files/date=2026-01-05/g000000-s01.parquet",
      date: "2026-01-05",
      shard: 1,
      bytes: 11,
      format: "parquet",
      generation: 0,
    },
    expect.objectContaining({ date: "2026-01-05", shard: 0, generation: 7 }),
    expect.objectContaining({ date: "2026-01-06", shard: 0, generation: 0 }),
  ]);
  expect(body.next).toBeNull();
  await database(bindings)`UPDATE day_book SET generation = 7 WHERE merchant = 'm_files' AND date = '2026-01-06'`;
  const again = await list("m_files", "kind=derived&from=2026-01-06&to=2026-01-06");
  expect(again.body.files).toMatchObject([{ generation: 7 }]);
  expect(await (await open(again.body.files[0]!.url)).text()).toBe("2026-01-06 g7");
});

test("raw files are the newest of each shard's day, and the chunks that are not in it", async () => {
  const { body } = await list("m_files", `kind=raw&${ALL}`);
  expect(body.files.map(({ name, format }) => [name.split("/").slice(2).join("/"), format])).toEqual([
    ["date=2026-01-05/s00-000000000020.parquet", "parquet"],
    ["date=2026-01-05/s00-000000000019-000000000022.ndjson.gz", "ndjson.gz"],
    ["date=2026-01-05/s00-000000000023-000000000030.ndjson.gz", "ndjson.gz"],
    ["date=2026-01-07/s00-000000000031-000000000040.ndjson.gz", "ndjson.gz"],
  ]);
  expect((await list("m_files", "kind=raw&from=2026-01-06&to=2026-01-06")).body.files).toEqual([]);
});

test("many files are listed whole dates at a time", async () => {
  const key = (date: string, n: number) => chunkKey({ merchant: "m_many", shard: 0, date, from: n, to: n });
  for (const date of ["2026-01-01", "2026-01-02"]) for (const n of [1, 2, 3]) await put(key(date, n), "x");
  const listed = (from: string) => listDayFiles(bindings, "m_many", "raw", { from, to: "2026-01-31" }, 2);
  const first = await listed("2026-01-01");
  expect([first.files.map(({ date }) => date), first.next]).toEqual([Array(3).fill("2026-01-01"), "2026-01-02"]);
  const second = await listed(first.next!);
  expect([second.files.map(({ date }) => date), second.next]).toEqual([Array(3).fill("2026-01-02"), null]);
});

test("bad questions are refused with a pointer; a merchant that one may not set up is none", async () => {
  for (const [search, pointer] of [
    [ALL, "#/kind"],
    ["kind=raw&to=2026-01-01", "#/from"],
    ["kind=raw&from=2026-01-01&to=2026-02-31", "#/to"],
    ["kind=raw&from=2026-01-02&to=2026-01-01", "#/to"],
    ["kind=raw&from=2020-01-01&to=2026-01-01", "#/to"],
  ] as const)
    expect(await list("m_files", search)).toMatchObject({ status: 400, body: { error: { pointer } } });
  expect(await list("m_nobody", `kind=raw&${ALL}`)).toMatchObject({
    status: 404,
    body: { error: { reason: "unknown_merchant" } },
  });
  const viewer = { kind: "person", roles: { o_1: "viewer" }, organisationOf: async () => "o_1" } as unknown as Access;
  expect((await list("m_files", `kind=raw&${ALL}`, appFor(viewer))).status).toBe(404);
});

const urlOf = async (): Promise<string> => (await list("m_files", `kind=derived&${ALL}`)).body.files[1]!.url;

test("an address opens its one file until its time, and nothing else", async () => {
  const url = await urlOf();
  const response = await open(url);
  expect([response.status, await response.text()]).toEqual([200, "2026-01-05 g7"]);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "application/vnd.apache.parquet",
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    etag: expect.stringMatching(/^".+"$/),
    "content-disposition": 'attachment; filename="events-merchant=m_files-date=2026-01-05-g000007-s00.parquet"',
  });
  const { searchParams } = new URL(url);
  const expires = Number(searchParams.get("expires"));
  const signature = searchParams.get("signature")!;
  const letter = signature.startsWith("A") ? "B" : "A";
  for (const forged of [
    url.replaceAll("m_files", "m_foreign").replace("g000007", "g000000"),
    url.replace("g000007", "g000000"),
    url.replace(`expires=${expires}`, `expires=${expires + 1}`),
    url.replace(signature, letter + signature.slice(1)),
    url.replace(signature, signature.slice(1)),
    url.replace(/&signature=.*/, ""),
    url.replace(/\?.*/, ""),
    url.replace("expires=", "expires=x"),
  ])
    expect((await open(forged)).status, forged).toBe(404);
  const another = { ...bindings, AUTH_SECRET: "another secret, which has 32 characters" };
  expect((await app.request(url, {}, another)).status).toBe(404);
  Date.now = () => expires * 1_000;
  const late = await open(url);
  expect([late.status, await late.json()]).toMatchObject([403, { error: { reason: "expired" } }]);
});

test("without a secret nothing is signed and nothing opens", async () => {
  const url = await urlOf();
  const bare = { ...bindings, AUTH_SECRET: "" };
  expect((await app.request(url, {}, bare)).status).toBe(503);
  const response = await app.request(`${HOME}/api/v1/merchants/m_files/files?kind=derived&${ALL}`, {}, bare);
  expect(response.status).toBe(503);
});

test("ranges of bytes, as tools ask for them", async () => {
  const url = await urlOf();
  const asked = async (range: string, more: Record<string, string> = {}) => {
    const response = await open(url, { range, ...more });
    return [response.status, response.headers.get("content-range"), await response.text()];
  };
  expect(await asked("bytes=0-3")).toEqual([206, "bytes 0-3/13", "2026"]);
  expect(await asked("bytes=11-")).toEqual([206, "bytes 11-12/13", "g7"]);
  expect(await asked("bytes=-2")).toEqual([206, "bytes 11-12/13", "g7"]);
  expect(await asked("bytes=-99")).toEqual([206, "bytes 0-12/13", "2026-01-05 g7"]);
  expect(await asked("bytes=11-99")).toEqual([206, "bytes 11-12/13", "g7"]);
  expect(await asked("bytes=0-1,4-5")).toEqual([200, null, "2026-01-05 g7"]);
  expect(await asked("bytes=13-")).toEqual([416, "bytes */13", expect.stringContaining("unsatisfiable")]);
  expect(await asked("bytes=-0")).toEqual([416, "bytes */13", expect.anything()]);
  const etag = (await open(url)).headers.get("etag")!;
  expect(await asked("bytes=0-3", { "if-range": etag })).toEqual([206, "bytes 0-3/13", "2026"]);
  expect(await asked("bytes=0-3", { "if-range": '"another"' })).toEqual([200, null, "2026-01-05 g7"]);
  expect(await asked("bytes=0-3", { "if-range": `W/${etag}` })).toEqual([200, null, "2026-01-05 g7"]);
});

test("HEAD says how large it is; a tag that is still right is 304", async () => {
  const url = await urlOf();
  const head = await open(url, {}, "HEAD");
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "13", ""]);
  const etag = head.headers.get("etag")!;
  const unchanged = await open(url, { "if-none-match": etag });
  expect([unchanged.status, unchanged.headers.get("etag"), await unchanged.text()]).toEqual([304, etag, ""]);
});

test("a file that is gone since it was listed is not found", async () => {
  const key = derivedFileKey("m_files", "2026-01-20", 0, 0);
  await put(key, "soon gone");
  await seal(bindings, { merchant: "m_files", date: "2026-01-20", shard: 0 });
  const { url } = (await list("m_files", "kind=derived&from=2026-01-20&to=2026-01-20")).body.files[0]!;
  await bindings.ARCHIVE.delete(key);
  for (const [headers, method] of [
    [{}, "GET"],
    [{ range: "bytes=0-1" }, "GET"],
    [{}, "HEAD"],
  ] as const)
    expect((await open(url, headers, method)).status).toBe(404);
});
