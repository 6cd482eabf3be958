// What the page of numbers costs a reader before it shows anything: the entry and all that it imports, gzipped. Told by each build;
// `e2e/dashboard.test.ts` holds the limit with what is loaded in a browser.

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const ENTRY = "index.html";

export const pageWeight = (): Plugin => ({
  name: "page-weight",
  apply: "build",
  applyToEnvironment: ({ name }) => name === "client",
  generateBundle: {
    order: "post",
    handler(_options, bundle) {
      const codes = new Map<string, string>();
      const add = (file: string): void => {
        const chunk = bundle[file];
        if (chunk?.type !== "chunk" || codes.has(file)) return;
        codes.set(file, chunk.code);
        chunk.imports.forEach(add);
      };
      for (const chunk of Object.values(bundle))
        if (chunk.type === "chunk" && chunk.isEntry && chunk.facadeModuleId?.endsWith(`web/${ENTRY}`) === true)
          add(chunk.fileName);
      const bytes = [...codes.values()].reduce((sum, code) => sum + gzipSync(code, { level: 9 }).byteLength, 0);
      this.info(`the page of numbers needs ${(bytes / 1_000).toFixed(1)} kB of gzipped JavaScript at once`);
    },
  },
});
