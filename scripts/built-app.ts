// The built Worker and pages for the sources as they are now. A build is kept under a hash of its sources and never
// changed, so that whoever serves one is not disturbed by the next, and an unchanged checkout is not built twice.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");
const BUILDS = path.join(ROOT, "node_modules", ".cache", "countinghouse");
const SOURCES = [
  "core",
  "migrations",
  "durable-objects",
  "queues",
  "archive",
  "workers",
  "web",
  "vite.config.ts",
  "wrangler.toml",
  "tsconfig.base.json",
  "package-lock.json",
];
const BUILDS_KEPT = 5;
/** Somebody may still be serving a build that was wanted so lately. */
const BUILD_KEPT_MS = 86_400_000;

/** The path of the built Worker's wrangler.json. `progress` is told when there is something to wait for. */
export async function builtApp(progress: (news: string) => void): Promise<string> {
  const build = path.join(BUILDS, hashOfSources());
  if (!fs.existsSync(build)) {
    progress("Building the app …");
    await make(build);
    forgetOldBuilds();
  }
  fs.utimesSync(build, new Date(), new Date());
  const worker = fs.readdirSync(build).find((folder) => fs.existsSync(path.join(build, folder, "wrangler.json")));
  if (worker === undefined) throw new Error(`The build in ${build} has no Worker.`);
  return path.join(build, worker, "wrangler.json");
}

async function make(build: string): Promise<void> {
  fs.mkdirSync(BUILDS, { recursive: true });
  const unfinished = fs.mkdtempSync(`${build}.unfinished-`);
  try {
    const vite = path.join(ROOT, "node_modules", "vite", "bin", "vite.js");
    const child = spawn(process.execPath, [vite, "build", "--outDir", unfinished, "--emptyOutDir"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production" },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    }
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`The app could not be built.\n${said.trim()}`);
    // Somebody else may have finished the same build meanwhile: then either will do.
    if (!fs.existsSync(build)) fs.renameSync(unfinished, build);
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    const file = path.join(ROOT, source);
    if (!fs.existsSync(file)) continue;
    const files = fs.statSync(file).isDirectory()
      ? fs.readdirSync(file, { recursive: true, encoding: "utf8" }).map((name) => path.join(source, name))
      : [source];
    for (const name of files.toSorted()) {
      if (/\.test\.tsx?$/.test(name) || !fs.statSync(path.join(ROOT, name)).isFile()) continue;
      hash
        .update(`${name}\0`)
        .update(fs.readFileSync(path.join(ROOT, name)))
        .update("\0");
    }
  }
  return hash.digest("hex").slice(0, 16);
}

function forgetOldBuilds(): void {
  const wantedMs = (name: string): number => fs.statSync(path.join(BUILDS, name)).mtimeMs;
  const newestFirst = fs.readdirSync(BUILDS).toSorted((a, b) => wantedMs(b) - wantedMs(a));
  const old = newestFirst.slice(BUILDS_KEPT).filter((name) => wantedMs(name) < Date.now() - BUILD_KEPT_MS);
  for (const name of old) fs.rmSync(path.join(BUILDS, name), { recursive: true, force: true });
}
