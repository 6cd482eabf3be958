// Makes /s.js out of tracker.ts: one classic script, minified, for browsers since 2018. Called by the site's build,
// by the development server and by the tests, so that all of them serve the same bytes.

/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("tracker.ts", import.meta.url));

/** What a visitor downloads at most, gzip. */
export const TRACKER_GZIP_BYTES_MAX = 1_400;

export interface BuiltTracker {
  code: string;
  gzipBytes: number;
}

/** Throws when tracker.ts does not compile. */
export async function buildTracker(): Promise<BuiltTracker> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2018",
    // Strict mode is written out as a directive, which costs bytes and buys nothing here.
    tsconfigRaw: {},
    legalComments: "none",
  });
  const code = outputFiles[0]?.text.trim() ?? "";
  return { code, gzipBytes: gzipSync(code, { level: 9 }).byteLength };
}
