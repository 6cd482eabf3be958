// The card on top: dates and freshness, the numbers, and the chart of one of them.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import type { Figure } from "./answers.ts";
import { Chart } from "./chart.tsx";
import { Choice } from "./choice.tsx";
import { daysIn } from "./dates.ts";
import type { Format } from "./format.ts";
import { Freshness } from "./freshness.tsx";
import { readable } from "./freshness-of.ts";
import { Headline } from "./headline.tsx";
import { useAnnotations } from "./notes/use-annotations.ts";
import { Notice } from "./notice.tsx";
import { type Interval, intervalsFor, type Period } from "./range.ts";
import type { Numbers } from "./use-numbers.ts";
import type { ChangeView } from "./use-view.ts";
import type { View } from "./view.ts";

export interface OverviewProps {
  merchant: ListedMerchant;
  numbers: Numbers;
  /** Null until there are any. */
  figures: readonly Figure[] | null;
  period: Period;
  view: View;
  format: Format;
  change: ChangeView;
}

export function Overview({ merchant, numbers, figures, period, view, format, change }: OverviewProps) {
  const { overview, before } = numbers;
  const notes = useAnnotations(merchant, period);
  return (
    <section className="card overview" aria-label="Overview">
      <Freshness answered={overview.answered} period={period} format={format} />
      <Headline
        figures={figures}
        waiting={overview.waiting}
        severalDays={period.from !== period.to}
        metric={view.metric}
        format={format}
        onChoose={(metric) => change({ metric })}
      />
      <Chart
        now={overview}
        before={before.answered}
        compare={view.compare}
        metric={view.metric}
        format={format}
        notes={notes}
      >
        <Intervals period={period} onChoose={(interval) => change({ interval })} />
      </Chart>
    </section>
  );
}

function Intervals({ period, onChoose }: { period: Period; onChoose: (interval: Interval) => void }) {
  const fitting = intervalsFor(daysIn(period.from, period.to));
  if (fitting.length < 2) return null;
  const options = fitting.map((id) => ({ id, label: INTERVAL_LABELS[id] }));
  return <Choice label="Interval" options={options} chosen={period.interval} onChoose={onChoose} />;
}

const INTERVAL_LABELS: Readonly<Record<Interval, string>> = {
  hour: "Hours",
  day: "Days",
  week: "Weeks",
  month: "Months",
};

/** What stands above the numbers when they cannot be trusted as they are. */
export function Warnings({ numbers, format }: { numbers: Numbers; format: Format }) {
  const { answered, problem, retry } = numbers.overview;
  if (problem !== undefined && problem.kind !== "signed-out")
    return (
      <Notice
        kind="problem"
        title={answered === undefined ? "The numbers could not be read" : "These numbers are not up to date"}
        onRetry={retry}
      >
        {problem.message}
      </Notice>
    );
  const stale = answered?.answer.meta.stale ?? null;
  if (stale === null) return null;
  return (
    <Notice kind="stale" title="Some numbers may be behind">
      {readable(stale, format)} No event is lost meanwhile; the numbers catch up by themselves.
    </Notice>
  );
}
