// A merchant without any event: the script to embed, ready to copy, and a page that notices the first event by itself.

import { useMemo, useState } from "react";
import type { LiveSnapshot } from "../../core/messages.ts";
import { type Figure, figuresOf } from "./answers.ts";
import { addDays } from "./dates.ts";
import { everQuestion } from "./questions.ts";
import { useAnswer } from "./use-answer.ts";

/** The longest range that the API answers. */
const DAYS_BACK = 1_099;

/**
 * True when there has never been an event. Asked only when the dates shown have none, and again as the live view
 * sees visitors. `figures` are null until they are known.
 */
export const useIsEmpty = (
  merchant: string,
  today: string,
  figures: readonly Figure[] | null,
  live: LiveSnapshot | null,
): boolean => {
  const nothing = figures?.every(({ now, before }) => isNothing(now) && isNothing(before)) ?? false;
  const asked = useMemo(
    () => (nothing ? { body: everQuestion(merchant, addDays(today, -DAYS_BACK), today), period: ever(today) } : null),
    [nothing, merchant, today],
  );
  const { answered } = useAnswer(asked);
  if (!nothing || answered === undefined) return false;
  const seesVisitors = live?.minutes.some(({ pageviews, visitors }) => pageviews + visitors > 0) ?? false;
  return !seesVisitors && isNothing(figuresOf(["events"], answered.answer)[0]?.now ?? null);
};

const isNothing = (value: number | null): boolean => value === null || value === 0;
const ever = (today: string) => ({
  from: addDays(today, -DAYS_BACK),
  to: today,
  open: true,
  interval: "month" as const,
});

export function Empty({ merchant }: { merchant: string }) {
  const script = `<script async src="${location.origin}/s.js" data-merchant="${merchant}"></script>`;
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = (): void => {
    navigator.clipboard.writeText(script).then(
      () => setCopied("yes"),
      () => setCopied("failed"),
    );
  };
  return (
    <section className="card empty" aria-labelledby="empty-title">
      <h2 id="empty-title">Waiting for the first event</h2>
      <p>Put this line into the head of every page of your shop. The numbers appear here as soon as somebody visits.</p>
      <pre tabIndex={0} aria-label="Script tag">
        <code>{script}</code>
      </pre>
      <button type="button" className="button button-primary" onClick={copy}>
        {copied === "yes" ? "Copied" : "Copy"}
      </button>
      <p className="quiet" role="status">
        {copied === "failed" ? "Your browser did not allow copying: select the line and copy it." : ""}
      </p>
    </section>
  );
}
