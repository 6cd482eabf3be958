// The chart's numbers as a table, for screen readers.

import { METRICS } from "../../core/metrics.ts";
import type { Shown } from "./chart.tsx";

export function ChartTable({ series, before, metric, interval, format, notes }: Shown) {
  const { label, kind } = METRICS[metric];
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? "no value" : format.value(kind, value);
  return (
    <div className="visually-hidden">
      <table>
        <caption>{label} over time</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">{label}</th>
            {before === null ? null : <th scope="col">Period before</th>}
            {notes.size === 0 ? null : <th scope="col">Notes</th>}
          </tr>
        </thead>
        <tbody>
          {series.labels.map((bucket, index) => (
            <tr key={bucket}>
              <th scope="row">
                {format.bucket(bucket, interval)}
                {series.incomplete.has(index) ? " (not over)" : ""}
              </th>
              <td>{text(series.values[index])}</td>
              {before === null ? null : <td>{text(before.values[index])}</td>}
              {notes.size === 0 ? null : (
                <td>
                  {notes
                    .get(index)
                    ?.map((note) => note.text)
                    .join("; ")}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
