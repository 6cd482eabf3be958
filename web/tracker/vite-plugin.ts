// Gives the site /s.js: made afresh for each request while developing, and a file of that fixed name in the build of
// the client. It stands beside the app's bundles, never in one: other people's pages load it.

import type { Plugin } from "vite";
import { buildTracker } from "./build.ts";

const FILE_NAME = "s.js";

export function tracker(): Plugin {
  return {
    name: "countinghouse:tracker",
    configureServer(server) {
      server.middlewares.use(`/${FILE_NAME}`, (_request, response, next) => {
        buildTracker().then(({ code }) => {
          response.setHeader("Content-Type", "text/javascript; charset=utf-8");
          response.setHeader("Access-Control-Allow-Origin", "*");
          response.end(code);
        }, next);
      });
    },
    async generateBundle() {
      if (this.environment.name !== "client") return;
      const { code } = await buildTracker();
      this.emitFile({ type: "asset", fileName: FILE_NAME, source: code });
    },
  };
}
