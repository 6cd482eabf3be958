// Something a person does that the server must agree to: under way, refused with a reason, or done.

import { useState } from "react";
import { ApiProblem } from "./api.ts";

export interface Acting {
  busy: boolean;
  /** What the server said against it; null when nothing. */
  problem: string | null;
  /** Resolves with whether it is done. */
  act: (what: () => Promise<unknown>) => Promise<boolean>;
}

export function useAct(): Acting {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (what: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
      return true;
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error.message : "Something went wrong on this page.");
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act };
}
