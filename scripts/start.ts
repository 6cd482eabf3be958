// `npm start`: the built app with everything it needs, on this machine.

import { superviseFromCommandLine } from "./supervise.ts";

superviseFromCommandLine(
  "start",
  "Builds Countinghouse if needed and serves it on this machine, with its own Postgres.",
);
