// One build of everything that is served: the dashboard at /, the demo shop at /shop/, the API's description at
// /docs/api, the tracker at /s.js and the Worker that answers the rest. `vite dev` runs the same in one process, with hot reload.

import { cloudflare } from "@cloudflare/vite-plugin";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { devWorkerConfig } from "./scripts/dev-worker.ts";
import { worldMap } from "./web/dashboard/map/vite-plugin.ts";
import { pageWeight } from "./web/dashboard/vite-plugin.ts";
import { shop } from "./web/shop/vite-plugin.ts";
import { tracker } from "./web/tracker/vite-plugin.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path("web/"),
  // Otherwise it is one for Node, whose answers a Worker cannot give.
  resolve: { alias: { "@whatwg-node/fetch": "@whatwg-node/fetch/dist/global-ponyfill.js" } },
  build: {
    outDir: path("dist/"),
    emptyOutDir: true,
    target: "es2024",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          input: [path("web/index.html"), path("web/shop/index.html"), path("web/docs/api.html")],
        },
      },
    },
  },
  plugins: [
    react(),
    englishOnly(),
    chartsInAnyLanguage(),
    worldMap(),
    pageWeight(),
    tracker(),
    shop(),
    cloudflare({ configPath: path("wrangler.toml"), ...devWorkerConfig() }),
  ],
});

/** uPlot asks for the browser's language when it is loaded, and fails where that is none ("en-US@posix"). We write its numbers. */
function chartsInAnyLanguage(): Plugin {
  return {
    name: "charts-in-any-language",
    transform: {
      filter: { id: /uPlot\.esm\.js/ },
      handler: (code) => code.replace("domEnv ? nav.language : 'en-US'", "'en-US'"),
    },
  };
}

/** The dashboard speaks English; the component library's words in thirty other languages stay out of the bundle. */
function englishOnly(): Plugin {
  return {
    name: "english-only",
    enforce: "pre",
    load: {
      filter: { id: /react-(?:aria|stately)\/.*\/intl\/.*\/[a-z]{2}-[A-Z]{2}\.m?js$/ },
      // The English ones in their place: without any, what is asked for in the reader's language is missing.
      handler: (id) =>
        id.includes("/en-US.")
          ? undefined
          : `export { default } from "./en-US${id.endsWith(".mjs") ? ".mjs" : ".js"}";`,
    },
  };
}
