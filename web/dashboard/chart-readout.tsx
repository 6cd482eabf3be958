// What the chart says where one points: the bucket's value, and that of its counterpart in the period before.

import { METRICS } from "../../core/metrics.ts";
import { AXIS_PX } from "./chart-options.ts";
import type { Pointed } from "./chart-plot.tsx";
import type { Shown } from "./chart.tsx";

/** Farther right than this there is room for it on the left. */
const ROOM_PX = 210;

export function ChartReadout(props: Shown & { pointed: Pointed | null }) {
  const { series, before, metric, interval, format, notes, pointed } = props;
  const label = pointed === null ? undefined : series.labels[pointed.bucket];
  if (pointed === null || label === undefined) return <div role="status" />;
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : format.value(METRICS[metric].kind, value);
  const labelBefore = before?.labels[pointed.bucket];
  return (
    <div role="status">
      <div
        className="chart-readout"
        data-side={pointed.leftPx > ROOM_PX ? "left" : "right"}
        style={{ insetInlineStart: `${pointed.leftPx + AXIS_PX}px` }}
      >
        <p>
          <span>
            {format.bucket(label, interval)}
            {series.incomplete.has(pointed.bucket) ? " (not over)" : ""}
          </span>
          <strong>{text(series.values[pointed.bucket])}</strong>
        </p>
        {labelBefore === undefined ? null : (
          <p className="chart-readout-before">
            <span>{format.bucket(labelBefore, interval)}</span>
            <span>{text(before?.values[pointed.bucket])}</span>
          </p>
        )}
        {notes.get(pointed.bucket)?.map((note) => (
          <p key={note.id} className="chart-readout-note">
            {note.text}
          </p>
        ))}
      </div>
    </div>
  );
}
