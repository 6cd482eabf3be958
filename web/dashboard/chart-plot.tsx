// The drawing itself, and how values are read from it: by pointer, or with the arrow keys.

import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { METRICS } from "../../core/metrics.ts";
import { chartData, chartOptions } from "./chart-options.ts";
import { ChartReadout } from "./chart-readout.tsx";
import type { Shown } from "./chart.tsx";
import { ChartNotes } from "./notes/chart-notes.tsx";

const HEIGHT_PX = 260;
const DARK = "(prefers-color-scheme: dark)";

export interface Pointed {
  bucket: number;
  leftPx: number;
}

export function ChartPlot({ onNote, ...shown }: Shown & { onNote: ((element: HTMLElement) => void) | null }) {
  const { series, before, metric, interval, format, notes } = shown;
  const { kind } = METRICS[metric];
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  // New numbers for the same buckets must not take the pointer's place away, so the drawing is made per set of labels.
  const labels = series.labels.join("|");
  const data = useEffectEvent(() => chartData(series, before));

  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const onPoint = (next: Pointed | null): void =>
      setPointed((last) => (last?.bucket === next?.bucket && last?.leftPx === next?.leftPx ? last : next));
    const size = () => ({ width: Math.max(200, element.clientWidth), height: HEIGHT_PX });
    const settings = { labels: labels.split("|"), interval, kind, format, element, onPoint };
    const made = new uPlot({ ...chartOptions(settings), ...size() }, data(), element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize(size()));
    resized.observe(element);
    const theme = matchMedia(DARK);
    const onTheme = () => made.redraw();
    theme.addEventListener("change", onTheme);
    return () => {
      resized.disconnect();
      theme.removeEventListener("change", onTheme);
      made.destroy();
      plot.current = null;
      setPointed(null);
    };
  }, [labels, interval, kind, format]);

  useEffect(() => {
    plot.current?.setData(chartData(series, before));
  }, [series, before]);

  const point = (bucket: number): void => {
    const at = Math.max(0, Math.min(series.labels.length - 1, bucket));
    plot.current?.setCursor({ left: plot.current.valToPos(at, "x"), top: 0 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const step = event.key === "ArrowRight" ? 1 : -1;
    if (pointed === null) point(step > 0 ? 0 : series.labels.length - 1);
    else point(pointed.bucket + step);
  };

  return (
    <div
      className="chart-plot"
      role="group"
      aria-label={`${METRICS[metric].label} over time. The left and right arrow keys read values.`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
    >
      <div ref={holder} className="chart-canvas" aria-hidden="true" />
      <ChartNotes notes={notes} buckets={series.labels.length} format={format} onPress={onNote} />
      <ChartReadout {...shown} pointed={pointed} />
    </div>
  );
}
