// Lets every page of the demo shop be loaded by its own address, as in a real shop: one page drawn by script, served
// under each of its paths.

import type { Plugin } from "vite";
import { PATHS } from "./catalogue.ts";

const ENTRY = "shop/index.html";

export function shop(): Plugin {
  return {
    name: "countinghouse:shop",
    // Vite writes its pages in this step too: they must be there before they can be copied.
    enforce: "post",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const [path = "", query] = (request.url ?? "").split("?");
        if (PATHS.includes(path)) request.url = `/${ENTRY}${query === undefined ? "" : `?${query}`}`;
        next();
      });
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const page = bundle[ENTRY];
        if (page?.type !== "asset") return;
        for (const path of PATHS)
          this.emitFile({ type: "asset", fileName: `${path.slice(1)}.html`, source: page.source });
      },
    },
  };
}
