// The chart: one metric over time, the period before as a second line, and what is not over yet dotted. Who does not
// see it reads the same numbers in a table.

import type { AnnotationView } from "../../core/annotation-view.ts";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { METRICS } from "../../core/metrics.ts";
import { comparedSeriesOf, type Series, seriesOf } from "./answers.ts";
import { csvAddress } from "./api.ts";
import { ChartPlot } from "./chart-plot.tsx";
import { ChartTable } from "./chart-table.tsx";
import type { Format } from "./format.ts";
import { HEADLINE, type HeadlineMetric } from "./metrics.ts";
import { notesByBucket } from "./notes/annotations.ts";
import type { Notes } from "./notes/use-annotations.ts";
import { COMPARE_LABELS, type Compare, comparedPeriod, type Interval } from "./range.ts";
import type { Answered, Answering } from "./use-answer.ts";
import { useOverlay } from "./use-overlay.ts";

const loadNoteEditor = () => import("./notes/note-editor.tsx");
const NoteEditor = lazy(loadNoteEditor);

/** What the chart's parts show, bucket by bucket. */
export interface Shown {
  series: Series;
  /** Null without a comparison, and until it is there. */
  before: Series | null;
  metric: HeadlineMetric;
  interval: Interval;
  format: Format;
  /** By bucket. */
  notes: ReadonlyMap<number, readonly AnnotationView[]>;
}

export interface ChartProps {
  now: Answering;
  before: Answered | undefined;
  compare: Compare;
  metric: HeadlineMetric;
  format: Format;
  notes: Notes;
  /** Stands at the end of the caption: what changes the drawing. */
  children?: ReactNode;
}

/** Null where there is none, and until it is there. For a moment `before` may be the one before another period. */
function beforeOf(
  metric: HeadlineMetric,
  now: Answered,
  before: Answered | undefined,
  compare: Compare,
): Series | null {
  const { period } = now.asked;
  if (compare === "none") return null;
  if (!period.open) return comparedSeriesOf(metric, HEADLINE, now.answer);
  const fits =
    before?.asked.period.from === comparedPeriod(period, compare).from &&
    before.asked.period.interval === period.interval;
  return fits ? seriesOf(metric, HEADLINE, before.answer) : null;
}

export function Chart({ now, before, compare, metric, format, notes, children }: ChartProps) {
  const { answered, waiting } = now;
  const editor = useOverlay(loadNoteEditor);
  const shown = useMemo((): Shown | null => {
    if (answered === undefined) return null;
    const { period } = answered.asked;
    const series = seriesOf(metric, HEADLINE, answered.answer);
    return {
      series,
      before: beforeOf(metric, answered, before, compare),
      metric,
      interval: period.interval,
      format,
      notes: notesByBucket(series.labels, period.interval, notes.all),
    };
  }, [answered, before, compare, metric, format, notes.all]);

  const savePng = async (button: HTMLElement): Promise<void> => {
    const figure = button.closest("figure");
    if (figure === null || answered === undefined) return;
    const { from, to } = answered.asked.period;
    const { savePicture } = await import("./chart-picture.ts");
    savePicture(figure, `${METRICS[metric].label}, ${format.dates(from, to)}`, `${metric}-${from}-${to}.png`);
  };

  if (shown === null || answered === undefined) return <div className="chart skeleton" aria-busy="true" />;
  const csv = csvAddress(answered.asked.body);
  return (
    <figure className="chart" aria-busy={waiting}>
      <figcaption className="chart-caption">
        <span>{METRICS[metric].label}</span>
        {shown.before === null ? null : <span className="chart-key">{COMPARE_LABELS[compare]}</span>}
        {shown.series.incomplete.size === 0 ? null : <span className="chart-key chart-key-dotted">Not over yet</span>}
        <div className="chart-tools">
          {children}
          {notes.change === null ? null : (
            <button type="button" className="link" {...editor.button}>
              Add a note
            </button>
          )}
          {csv === null ? null : (
            <a className="link" href={csv} download>
              CSV
            </a>
          )}
          <button type="button" className="link" onClick={(event) => void savePng(event.currentTarget)}>
            PNG
          </button>
        </div>
      </figcaption>
      <ChartPlot {...shown} onNote={notes.change === null ? null : editor.openAt} />
      <ChartTable {...shown} />
      {editor.used && notes.change !== null ? (
        <Suspense fallback={null}>
          <NoteEditor
            overlay={editor.overlay}
            notes={notes.all}
            change={notes.change}
            period={answered.asked.period}
            format={format}
          />
        </Suspense>
      ) : null}
    </figure>
  );
}
