// Regenerates core/sketch-vectors.json with a real postgresql-hll, or (--verify) checks that the extension still answers
// what the file says and that ours answers the same for random sets besides. Needs a Postgres that has the extension's
// files, e.g. Debian's postgresql-15-hll; the data in it are not touched. What it writes still wants formatting (oxfmt).

import { readFile, writeFile } from "node:fs/promises";
import { Command } from "commander";
import pg from "pg";
import { Sketch } from "../core/sketch.ts";
import { hashesOf, highHalf, lowHalf, type Sample, type SketchVector } from "../core/sketch-samples.ts";

const FILE = new URL("../core/sketch-vectors.json", import.meta.url);
const PARAMETERS = "12, 5, -1, 1";
const RANDOM_VECTORS = 300;

const random = (seed: number, count: number): Sample => ({ seed, count });
const progression = (first: string, step: string, count: number): Sample => ({ first, step, count });

const SIZES = [0, 1, 2, 5, 100, 319, 320, 321, 322, 1_000, 5_000, 9_700, 9_900, 10_500, 50_000, 1_000_000];

const CASES: Omit<SketchVector, "hex" | "cardinality">[] = [
  ...SIZES.map((count, at) => ({ name: `${count} random hashes`, parts: [random(at, count)] })),

  { name: "signed order around zero", parts: [progression("fffffffffffffffd", "1", 6)] },
  { name: "signed order around the sign bit", parts: [progression("7ffffffffffffffd", "1", 6)] },
  { name: "equal high halves", parts: [progression("000000017ffffffd", "1", 6)] },
  { name: "321 hashes that fill no register", parts: [progression("0", "1", 321)] },
  { name: "321 hashes in one register", parts: [progression("7", "1000", 321)] },
  { name: "321 hashes whose lowest set bit is the last of the low half", parts: [progression("80000000", "1", 321)] },
  {
    name: "321 hashes whose lowest set bit is the first of the high half",
    parts: [progression("100000000", "1", 321)],
  },
  { name: "321 hashes whose lowest set bit is the sign", parts: [progression("8000000000000000", "1", 321)] },
  { name: "register values past the largest", parts: [progression("5", "40000000000", 321)] },
  { name: "1204 registers filled, the last sparse", parts: [progression("1000", "1", 1_204)] },
  { name: "1205 registers filled, the first full", parts: [progression("1000", "1", 1_205)] },
  { name: "every register filled", parts: [progression("1000", "1", 4_096)] },
  { name: "below the correction of large estimates", parts: [progression("1000000000", "1", 4_096)] },
  { name: "in the correction of large estimates", parts: [progression("8000000000", "1", 4_096)] },

  { name: "nothing and nothing", parts: [random(50, 0), random(51, 0)] },
  { name: "nothing and explicit", parts: [random(50, 0), random(51, 3)] },
  { name: "explicit and nothing", parts: [random(51, 3), random(50, 0)] },
  { name: "nothing and sparse", parts: [random(50, 0), random(51, 400)] },
  { name: "explicit and explicit", parts: [random(52, 20), random(53, 30)] },
  { name: "explicit and explicit, overlapping", parts: [random(54, 200), random(54, 320)] },
  { name: "explicit and explicit, just fitting", parts: [random(55, 160), random(56, 160)] },
  { name: "explicit and explicit, one too many", parts: [random(57, 160), random(58, 161)] },
  { name: "explicit and sparse", parts: [random(59, 100), random(60, 600)] },
  { name: "sparse and explicit", parts: [random(60, 600), random(59, 100)] },
  { name: "explicit and full", parts: [random(61, 320), random(62, 6_000)] },
  { name: "sparse and sparse", parts: [random(63, 400), random(64, 500)] },
  { name: "sparse and sparse, becoming full", parts: [random(65, 900), random(66, 1_000)] },
  { name: "sparse and full", parts: [random(67, 900), random(68, 5_000)] },
  { name: "full and full", parts: [random(69, 20_000), random(70, 20_000)] },
  {
    name: "explicit, full, sparse and nothing",
    parts: [random(71, 9), random(72, 3_000), random(73, 700), random(74, 0)],
  },
];

/** Sets of up to 2,000 hashes in up to 4 overlapping parts, the same each time. */
function randomCases(): typeof CASES {
  const draws = [...hashesOf(random(1_000, RANDOM_VECTORS * 10))];
  const draw = (below: number): number => Number((draws.pop() ?? 0n) % BigInt(below));
  return Array.from({ length: RANDOM_VECTORS }, (_, at) => {
    const most = draw(3) === 0 ? 2_000 : 250;
    const parts = Array.from({ length: 1 + draw(4) }, () => random(2_000 + 3 * at + draw(2), draw(most)));
    return { name: `random case ${at}`, parts };
  });
}

interface Answer {
  hex: string;
  cardinality: number;
}

/** What the extension stores for these parts, and what it counts. */
async function ask(client: pg.Client, parts: readonly Sample[]): Promise<Answer> {
  let united: string | null = null;
  for (const part of parts) {
    const hashes = Array.from(hashesOf(part), (hash) => BigInt.asIntN(64, hash).toString());
    const added = await client.query<{ sketch: string }>(
      `select coalesce(hll_add_agg(hash::hll_hashval, ${PARAMETERS}), hll_empty(${PARAMETERS}))::text as sketch
         from unnest($1::bigint[]) as hash`,
      [hashes],
    );
    const next: string = added.rows[0]?.sketch ?? "";
    if (united === null) {
      united = next;
      continue;
    }
    const union: pg.QueryResult<{ sketch: string }> = await client.query<{ sketch: string }>(
      "select hll_union($1::hll, $2::hll)::text as sketch",
      [united, next],
    );
    united = union.rows[0]?.sketch ?? "";
  }
  const counted = await client.query<{ cardinality: number }>("select hll_cardinality($1::hll) as cardinality", [
    united,
  ]);
  return {
    hex: (united ?? "").replace(/^\\x/, ""),
    cardinality: Math.round(counted.rows[0]?.cardinality ?? Number.NaN),
  };
}

function ours(parts: readonly Sample[]): Answer {
  const united = new Sketch();
  for (const part of parts) {
    const sketch = new Sketch();
    for (const hash of hashesOf(part)) sketch.add(highHalf(hash), lowHalf(hash));
    united.union(sketch);
  }
  return { hex: united.toHex(), cardinality: united.cardinality() };
}

const equal = (one: Answer, other: Answer): boolean => one.hex === other.hex && one.cardinality === other.cardinality;

async function generate(client: pg.Client): Promise<void> {
  const vectors: SketchVector[] = [];
  for (const { name, parts } of CASES) vectors.push({ name, parts, ...(await ask(client, parts)) });
  await writeFile(FILE, `[\n${vectors.map((vector) => `  ${JSON.stringify(vector)}`).join(",\n")}\n]\n`);
  console.log(`${vectors.length} vectors written`);
}

async function verify(client: pg.Client): Promise<void> {
  const stored = new Map(
    (JSON.parse(await readFile(FILE, "utf8")) as SketchVector[]).map((vector) => [vector.name, vector]),
  );
  const wrong: string[] = [];
  for (const { name, parts } of CASES) {
    const vector = stored.get(name);
    if (vector === undefined || !equal(vector, await ask(client, parts))) wrong.push(`${name}: not what the file says`);
  }
  for (const { name, parts } of [...CASES, ...randomCases()]) {
    if (!equal(ours(parts), await ask(client, parts))) wrong.push(`${name}: ours differs (${JSON.stringify(parts)})`);
  }
  for (const line of wrong) console.error(line);
  console.log(`${CASES.length} vectors and ${RANDOM_VECTORS} random cases compared, ${wrong.length} differ`);
  if (wrong.length > 0) process.exitCode = 1;
}

const program = new Command("sketch-vectors")
  .description("Makes core/sketch-vectors.json with a real postgresql-hll, or checks it and our sketch against one.")
  .requiredOption(
    "--database <url>",
    "a Postgres with the hll extension available: postgres:///postgres?host=/socket/folder&user=postgres",
  )
  .option("--verify", "compare instead of writing; exits with 1 when anything differs")
  .parse();
const { database, verify: verifyOnly } = program.opts<{ database: string; verify?: boolean }>();

const client = new pg.Client({ connectionString: database });
await client.connect();
try {
  await client.query("begin");
  await client.query("create extension if not exists hll");
  await (verifyOnly === true ? verify(client) : generate(client));
  await client.query("rollback");
} finally {
  await client.end();
}
