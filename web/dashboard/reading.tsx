// What is read, once it is there: until then its place, and when it does not come, why.

import type { ReactNode } from "react";
import type { SWRResponse } from "swr";
import type { ApiProblem } from "./api.ts";
import { Notice } from "./notice.tsx";
import { SkeletonRows } from "./skeleton.tsx";

export function Reading<Said>({
  of,
  children,
}: {
  of: SWRResponse<Said, ApiProblem>;
  children: (said: Said) => ReactNode;
}) {
  if (of.data !== undefined) return children(of.data);
  if (of.error === undefined) return <SkeletonRows rows={6} />;
  return (
    <Notice kind="problem" title="This could not be read" onRetry={() => void of.mutate()}>
      {of.error.message}
    </Notice>
  );
}

/** What the server said against what one did. */
export const Refused = ({ problem }: { problem: string | null }) =>
  problem === null ? null : (
    <p className="field-problem" role="alert">
      {problem}
    </p>
  );
