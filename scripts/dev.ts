// `npm run dev`: the same as `npm start`, from the sources, with hot reload.

import { superviseFromCommandLine } from "./supervise.ts";

superviseFromCommandLine("dev", "Serves Countinghouse from its sources, with hot reload and its own Postgres.");
