// The chart: one metric over time, with the compared period as a second line and what is still filling dotted. Values
// are read by pointer or with the arrow keys, and as a table by who does not see it.

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { METRICS } from "../../core/metrics.ts";
import { type Series, seriesOf } from "./answers.ts";
import { chartData, chartOptions, type Colors } from "./chart-options.ts";
import { ChartReadout } from "./chart-readout.tsx";
import { ChartTable } from "./chart-table.tsx";
import type { Format } from "./format.ts";
import { HEADLINE, type HeadlineMetric } from "./metrics.ts";
import type { Answering } from "./use-answer.ts";

const HEIGHT_PX = 260;

export function Chart(props: { answering: Answering; metric: HeadlineMetric; format: Format }) {
  const { metric, format } = props;
  const { answered, waiting } = props.answering;
  const series = useMemo(
    () => (answered === undefined ? null : seriesOf(metric, HEADLINE, answered.answer)),
    [answered, metric],
  );
  if (series === null || answered === undefined) return <div className="chart skeleton" aria-busy="true" />;
  const { interval } = answered.asked.period;
  const shown = { series, metric, interval, format };
  return (
    <figure className="chart" aria-busy={waiting}>
      <figcaption className="chart-caption">
        <span>{METRICS[metric].label}</span>
        {series.before === null ? null : <span className="chart-key">Previous period</span>}
        {series.incomplete.size === 0 ? null : <span className="chart-key chart-key-dotted">Not over yet</span>}
      </figcaption>
      <Plot {...shown} />
      <ChartTable {...shown} />
    </figure>
  );
}

export interface Shown {
  series: Series;
  metric: HeadlineMetric;
  interval: "hour" | "day" | "week" | "month";
  format: Format;
}

function Plot({ series, metric, interval, format }: Shown) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [bucket, setBucket] = useState<number | null>(null);
  const dark = useDark();
  const { kind } = METRICS[metric];
  // What the drawing is made for; other changes only bring new numbers, and the pointer keeps its place.
  const form = [series.labels.join(), series.before === null, interval, metric, dark].join("|");
  const latest = useRef(series);
  latest.current = series;

  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const size = () => ({ width: Math.max(200, element.clientWidth), height: HEIGHT_PX });
    const settings = { series: latest.current, interval, kind, format, colors: colorsOf(element), onCursor: setBucket };
    const made = new uPlot(chartOptions({ ...settings, ...size() }), chartData(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
      setBucket(null);
    };
    // oxlint-disable-next-line react/exhaustive-deps -- `form` stands for what the drawing depends on
  }, [form, format]);

  useEffect(() => plot.current?.setData(chartData(series)), [series]);

  const pointAt = (index: number): void => {
    const at = Math.max(0, Math.min(series.labels.length - 1, index));
    plot.current?.setCursor({ left: plot.current.valToPos(at, "x"), top: 0 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    pointAt(bucket === null ? (step > 0 ? 0 : series.labels.length - 1) : bucket + step);
  };
  const left = bucket === null ? null : (plot.current?.valToPos(bucket, "x") ?? null);

  return (
    <div
      className="chart-plot"
      role="group"
      aria-label={`${METRICS[metric].label} over time. Arrow keys read values.`}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the arrow keys need a place to start from
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
    >
      <div ref={holder} className="chart-canvas" aria-hidden="true" />
      <ChartReadout series={series} metric={metric} interval={interval} format={format} bucket={bucket} left={left} />
    </div>
  );
}

const DARK = "(prefers-color-scheme: dark)";

function useDark(): boolean {
  const [dark, setDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const query = matchMedia(DARK);
    const onChange = () => setDark(query.matches);
    query.addEventListener("change", onChange);
    return () => query.removeEventListener("change", onChange);
  }, []);
  return dark;
}

/** The theme's colors, which the canvas cannot look up itself. */
function colorsOf(element: Element): Colors {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  return {
    line: color("--accent"),
    fill: color("--chart-fill"),
    compared: color("--chart-compared"),
    grid: color("--line"),
    text: color("--muted"),
    surface: color("--surface"),
  };
}
