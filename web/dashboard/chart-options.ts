// How the chart is drawn, as uPlot's data and options. The x axis counts buckets instead of telling time, so that days
// of 23 or 25 hours and merchants' zones need no arithmetic here: the labels come from the API. Colors are the
// theme's, looked up at each drawing.

import type uPlot from "uplot";
import type { MetricKind } from "../../core/metrics.ts";
import type { Series } from "./answers.ts";
import type { Pointed } from "./chart-plot.tsx";
import type { Format } from "./format.ts";
import type { Interval } from "./range.ts";

/** Of the labels on the left. */
export const AXIS_PX = 62;
const AXIS_FONT = "12px system-ui, sans-serif";
const TICK_WIDTH_PX = 74;
const COMPARED = 3;

/** x, what is settled, what is not over (joined to its neighbours), and the period before. */
export const chartData = ({ values, incomplete }: Series, before: Series | null): uPlot.AlignedData => [
  values.map((_, index) => index),
  values.map((value, index) => (incomplete.has(index) ? null : value)),
  values.map((value, index) => ([index - 1, index, index + 1].some((near) => incomplete.has(near)) ? value : null)),
  values.map((_, index) => before?.values[index] ?? null),
];

export interface ChartSettings {
  labels: readonly string[];
  interval: Interval;
  kind: MetricKind;
  format: Format;
  /** Where the theme is looked up. */
  element: Element;
  onPoint: (pointed: Pointed | null) => void;
}

export const chartOptions = (settings: ChartSettings): Omit<uPlot.Options, "width" | "height"> => {
  const { labels, kind, element, onPoint } = settings;
  const theme = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
  const line: uPlot.Series = {
    stroke: theme("--accent"),
    width: 2,
    fill: fadingFrom(theme("--chart-fill")),
    points: pointsIn(theme("--accent")),
  };
  const margin = marginOf(labels.length);
  return {
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      // From bucket to bucket: what is said is never about the space between.
      move: (plot, left, top) => [left < 0 ? left : plot.valToPos(plot.posToIdx(left), "x"), top],
      drag: { x: false, y: false },
      points: { size: 9, fill: (_, index) => theme(index === COMPARED ? "--chart-compared" : "--accent")() },
    },
    scales: {
      x: { time: false, range: () => [-margin, labels.length - 1 + margin] },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), roomy(high ?? 0, kind)] },
    },
    axes: axes(settings, theme("--muted"), theme("--line")),
    series: [
      {},
      line,
      { ...line, dash: [3, 4] },
      { stroke: theme("--chart-compared"), width: 1.5, points: { show: false } },
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const bucket = plot.cursor.idx ?? null;
          onPoint(bucket === null ? null : { bucket, leftPx: Math.round(plot.valToPos(bucket, "x")) });
        },
      ],
    },
  };
};

/** Free room at either end, in buckets. */
const marginOf = (buckets: number): number => 0.02 * buckets;

/** Where a bucket stands between the two ends of the axis, from 0 to 1. */
export const placeOf = (bucket: number, buckets: number): number => {
  const margin = marginOf(buckets);
  return (bucket + margin) / (buckets - 1 + 2 * margin);
};

/** One or two points make no line. */
const pointsIn = (fill: () => string): uPlot.Series.Points => ({
  size: 6,
  fill,
  show: (plot, index) => (plot.data[index] ?? []).filter((value) => value !== null).length < 3,
});

function axes(
  { labels, interval, kind, format }: ChartSettings,
  stroke: () => string,
  grid: () => string,
): uPlot.Axis[] {
  const common = { stroke, font: AXIS_FONT, ticks: { show: false } };
  return [
    {
      ...common,
      grid: { show: false },
      size: 30,
      splits: (plot) => everyFew(labels.length, plot.bbox.width / devicePixelRatio),
      values: (_, splits) =>
        splits.map((index) => (labels[index] === undefined ? "" : format.tick(labels[index], interval))),
    },
    {
      ...common,
      grid: { stroke: grid, width: 1 },
      size: AXIS_PX,
      space: 48,
      ...(kind === "count" ? { incrs: WHOLE_STEPS } : {}),
      values: (_, splits) => splits.map((value) => format.short(kind, value)),
    },
  ];
}

/** Some air above the highest point, and an axis even when there is nothing. */
const roomy = (high: number, kind: MetricKind): number => {
  if (high <= 0) return kind === "percent" ? 100 : kind === "count" ? 4 : 1;
  return kind === "percent" ? Math.min(100, high * 1.15) : high * 1.15;
};

/** Evenly spaced buckets that have room for their labels. */
const everyFew = (buckets: number, widthPx: number): number[] => {
  const step = Math.max(1, Math.ceil((buckets * TICK_WIDTH_PX) / Math.max(widthPx, TICK_WIDTH_PX)));
  return Array.from({ length: Math.ceil(buckets / step) }, (_, index) => index * step);
};

const WHOLE_STEPS = Array.from({ length: 12 }, (_, zeros) => [1, 2, 5].map((digit) => digit * 10 ** zeros)).flat();

const fadingFrom =
  (color: () => string): uPlot.Series.Fill =>
  ({ ctx, bbox }) => {
    const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
    gradient.addColorStop(0, color());
    gradient.addColorStop(1, "transparent");
    return gradient;
  };
