// How the chart is drawn: uPlot's options for one series and its comparison. The x axis counts buckets instead of
// telling time, so that days of 23 or 25 hours and merchants' zones need no arithmetic here: labels come from the API.

import uPlot from "uplot";
import type { MetricKind } from "../../core/metrics.ts";
import type { Series } from "./answers.ts";
import type { Format } from "./format.ts";
import type { Interval } from "./range.ts";

export interface Colors {
  line: string;
  fill: string;
  compared: string;
  grid: string;
  text: string;
  surface: string;
}

const AXIS_FONT = "12px system-ui, sans-serif";
const TICK_WIDTH_PX = 74;

/** x, what is settled, what is still filling (joined to it), and what is compared with. */
export const chartData = (series: Series): uPlot.AlignedData => {
  const { now, incomplete, before } = series;
  const settled = now.map((value, index) => (incomplete.has(index) ? null : value));
  const filling = now.map((value, index) =>
    incomplete.has(index) || incomplete.has(index + 1) || incomplete.has(index - 1) ? value : null,
  );
  return [now.map((_, index) => index), settled, filling, before?.values ?? now.map(() => null)];
};

export interface ChartSettings {
  series: Series;
  interval: Interval;
  kind: MetricKind;
  format: Format;
  colors: Colors;
  width: number;
  height: number;
  onCursor: (bucket: number | null) => void;
}

export const chartOptions = (settings: ChartSettings): uPlot.Options => {
  const { series, interval, kind, format, colors, onCursor } = settings;
  const { labels } = series;
  const axis = { stroke: colors.text, font: AXIS_FONT, ticks: { show: false } };
  return {
    width: settings.width,
    height: settings.height,
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 9, width: 2, fill: (_, index) => (index === 3 ? colors.compared : colors.line) },
    },
    scales: {
      x: { time: false, range: () => [-0.02 * labels.length, labels.length - 1 + 0.02 * labels.length] },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), roomy(high ?? 0, kind)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        splits: (plot) => everyFew(labels.length, plot.bbox.width / devicePixelRatio),
        values: (_, splits) =>
          splits.map((index) => (labels[index] === undefined ? "" : format.tick(labels[index], interval))),
      },
      {
        ...axis,
        grid: { stroke: colors.grid, width: 1 },
        size: 62,
        space: 48,
        ...(kind === "count" ? { incrs: WHOLE_STEPS } : {}),
        values: (_, splits) => splits.map((value) => format.short(kind, value)),
      },
    ],
    series: [
      {},
      { stroke: colors.line, width: 2, fill: fading(colors), points: { show: isSparse(series), size: 6 } },
      {
        stroke: colors.line,
        width: 2,
        dash: [3, 4],
        fill: fading(colors),
        points: { show: isSparse(series), size: 6 },
      },
      { stroke: colors.compared, width: 1.5, points: { show: false } },
    ],
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
  };
};

/** A single point makes no line. */
const isSparse = ({ now }: Series): boolean => now.filter((value) => value !== null).length < 3;

/** A fifth of air above the highest point; an axis even when there is nothing. */
const roomy = (high: number, kind: MetricKind): number => {
  if (high <= 0) return kind === "percent" ? 100 : kind === "count" ? 4 : 1;
  const top = high * 1.15;
  return kind === "percent" ? Math.min(100, top) : top;
};

/** Indices of evenly spaced buckets that have room for their labels. */
const everyFew = (buckets: number, widthPx: number): number[] => {
  const step = Math.max(1, Math.ceil((buckets * TICK_WIDTH_PX) / Math.max(widthPx, TICK_WIDTH_PX)));
  return Array.from({ length: Math.ceil(buckets / step) }, (_, index) => index * step);
};

const WHOLE_STEPS = Array.from({ length: 12 }, (_, exponent) =>
  [1, 2, 5].map((digit) => digit * 10 ** exponent),
).flat();

const fading =
  ({ fill }: Colors): uPlot.Series.Fill =>
  (plot) => {
    const gradient = plot.ctx.createLinearGradient(0, plot.bbox.top, 0, plot.bbox.top + plot.bbox.height);
    gradient.addColorStop(0, fill);
    gradient.addColorStop(1, "transparent");
    return gradient;
  };
