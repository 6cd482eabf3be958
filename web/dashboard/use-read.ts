// What a page beside the numbers reads from the API, as it is when the page is opened and after each change.

import useSWR, { type SWRResponse } from "swr";
import { type ApiProblem, send } from "./api.ts";

/** `null`: nothing is read yet. */
export const useRead = <Said>(path: string | null, refreshMs = 0): SWRResponse<Said, ApiProblem> =>
  useSWR<Said, ApiProblem>(path, (address: string) => send<Said>("GET", address), { refreshInterval: refreshMs });
