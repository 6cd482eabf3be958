// Which dates these numbers are of, what they are compared with, and how fresh they are: "complete to 14:00, live to
// 14:23:05", with what that means.

import { lazy, Suspense } from "react";
import type { Format } from "./format.ts";
import { freshnessOf } from "./freshness-of.ts";
import type { Period } from "./range.ts";
import type { Answered } from "./use-answer.ts";
import { useOverlay } from "./use-overlay.ts";

const loadNote = () => import("./freshness-note.tsx");
const FreshnessNote = lazy(loadNote);

export interface FreshnessProps {
  answered: Answered | undefined;
  period: Period;
  format: Format;
}

export function Freshness({ answered, period, format }: FreshnessProps) {
  const { button, used, overlay } = useOverlay(loadNote);
  const fresh = answered === undefined ? null : freshnessOf(answered.answer, answered.asked.period, format);
  // The dates of the numbers that are shown, which may still be those of the last question.
  const { from, to } = answered?.asked.period ?? period;
  return (
    <p className="freshness">
      <strong>{format.dates(from, to)}</strong>
      {fresh?.compared === undefined ? null : <span>compared with {fresh.compared}</span>}
      {fresh === null ? null : (
        <button type="button" className="link freshness-state" data-stale={fresh.stale || undefined} {...button}>
          {fresh.text}
        </button>
      )}
      {used && answered !== undefined ? (
        <Suspense fallback={null}>
          <FreshnessNote overlay={overlay} meta={answered.answer.meta} format={format} />
        </Suspense>
      ) : null}
    </p>
  );
}
