// What the chart says at the pointer: the bucket's value, the compared one, and the change between them.

import { METRICS } from "../../core/metrics.ts";
import type { Shown } from "./chart.tsx";

const EDGE_PX = 210;
const AXIS_PX = 62;

export function ChartReadout(props: Shown & { bucket: number | null; left: number | null }) {
  const { series, metric, interval, format, bucket, left } = props;
  const label = bucket === null ? undefined : series.labels[bucket];
  const { kind } = METRICS[metric];
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : format.value(kind, value);
  const beforeLabel = bucket === null ? null : (series.before?.labels[bucket] ?? null);
  return (
    <div className="chart-readout-place" role="status">
      {bucket === null || label === undefined || left === null ? null : (
        <div
          className="chart-readout"
          data-side={left > EDGE_PX ? "left" : "right"}
          style={{ insetInlineStart: `${left + AXIS_PX}px` }}
        >
          <p>
            <span>
              {format.bucket(label, interval)}
              {series.incomplete.has(bucket) ? " (not over)" : ""}
            </span>
            <strong>{text(series.now[bucket])}</strong>
          </p>
          {beforeLabel === null ? null : (
            <p className="chart-readout-before">
              <span>{format.bucket(beforeLabel, interval)}</span>
              <span>{text(series.before?.values[bucket])}</span>
            </p>
          )}
        </div>
      )}
    </div>
  );
}
