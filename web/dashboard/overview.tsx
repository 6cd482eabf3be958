// The card on top: dates and freshness, the numbers, and the chart of one of them.

import type { Figure } from "./answers.ts";
import { Chart } from "./chart.tsx";
import type { Format } from "./format.ts";
import { Freshness } from "./freshness.tsx";
import { readable } from "./freshness-of.ts";
import { Headline } from "./headline.tsx";
import { Notice } from "./notice.tsx";
import type { Period } from "./range.ts";
import type { Numbers } from "./use-numbers.ts";
import type { ChangeView } from "./use-view.ts";
import type { View } from "./view.ts";

export interface OverviewProps {
  numbers: Numbers;
  /** Null until there are any. */
  figures: readonly Figure[] | null;
  period: Period;
  view: View;
  format: Format;
  change: ChangeView;
}

export function Overview({ numbers, figures, period, view, format, change }: OverviewProps) {
  const { headline, series, before } = numbers;
  return (
    <section className="card overview" aria-label="Overview">
      <Freshness answered={headline.answered} period={period} format={format} />
      <Headline
        figures={figures}
        waiting={headline.waiting}
        severalDays={period.from !== period.to}
        metric={view.metric}
        format={format}
        onChoose={(metric) => change({ metric })}
      />
      <Chart now={series} before={view.compare ? before.answered : undefined} metric={view.metric} format={format} />
    </section>
  );
}

/** What stands above the numbers when they cannot be trusted as they are. */
export function Warnings({ numbers, format }: { numbers: Numbers; format: Format }) {
  const { headline, series } = numbers;
  const problem = headline.problem ?? series.problem;
  if (problem !== undefined && problem.kind !== "signed-out")
    return (
      <Notice
        kind="problem"
        title={headline.answered === undefined ? "The numbers could not be read" : "These numbers are not up to date"}
        onRetry={() => {
          headline.retry();
          series.retry();
        }}
      >
        {problem.message}
      </Notice>
    );
  const stale = headline.answered?.answer.meta.stale ?? null;
  if (stale === null) return null;
  return (
    <Notice kind="stale" title="Some numbers may be behind">
      {readable(stale, format)} No event is lost meanwhile; the numbers catch up by themselves.
    </Notice>
  );
}
