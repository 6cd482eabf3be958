// When the shop is busy: weekday by hour, on the merchant's clock. A table whose cells are as dark as they are busy, so
// that it is read by everybody; read when it comes into view.

import { useMemo, useState } from "react";
import { METRICS, type Metric, type MetricKind } from "../../../core/metrics.ts";
import { Choice } from "../choice.tsx";
import { daysIn } from "../dates.ts";
import type { Format } from "../format.ts";
import { type Scope, weekQuestion } from "../questions.ts";
import { SkeletonRows } from "../skeleton.tsx";
import { useAnswer } from "../use-answer.ts";
import { HOURS, weekHoursOf, type WeekHours } from "./week-hours.ts";
import "../styles/week.css";

/** Hours of longer ranges are too many to be read for a picture. */
const DAYS_MAX = 92;

const WEEK_METRICS = ["visits", "orders", "net_revenue"] as const satisfies readonly Metric[];
type WeekMetric = (typeof WEEK_METRICS)[number];

export default function WeekCard({ scope, format }: { scope: Scope; format: Format }) {
  const [metric, setMetric] = useState<WeekMetric>("visits");
  const { period } = scope;
  const tooLong = daysIn(period.from, period.to) > DAYS_MAX;
  const { answered, waiting, problem } = useAnswer(
    useMemo(() => (tooLong ? null : { body: weekQuestion(scope, WEEK_METRICS), period }), [scope, period, tooLong]),
  );
  const week = useMemo(
    () => (answered === undefined ? null : weekHoursOf(answered.answer, WEEK_METRICS.indexOf(metric))),
    [answered, metric],
  );
  const options = WEEK_METRICS.map((id) => ({ id, label: METRICS[id].label }));
  return (
    <section className="card panel week" aria-labelledby="week-title">
      <header className="panel-head">
        <h2 id="week-title">When people come and buy</h2>
        <Choice label="Number in the week" options={options} chosen={metric} onChoose={setMetric} />
      </header>
      {tooLong ? (
        <p className="quiet">Choose {DAYS_MAX} days or fewer to see them by weekday and hour.</p>
      ) : week === null ? (
        problem === undefined ? (
          <SkeletonRows rows={7} />
        ) : (
          <p className="quiet">{problem.message}</p>
        )
      ) : (
        <WeekTable week={week} metric={metric} format={format} waiting={waiting} />
      )}
    </section>
  );
}

interface WeekTableProps {
  week: WeekHours;
  metric: WeekMetric;
  format: Format;
  waiting: boolean;
}

function WeekTable({ week, metric, format, waiting }: WeekTableProps) {
  const { kind, label } = METRICS[metric];
  return (
    <div className="week-scroll" aria-busy={waiting} tabIndex={0} role="group" aria-label="By weekday and hour">
      <table>
        <caption className="visually-hidden">{label} on average, by weekday and hour</caption>
        <thead>
          <tr>
            <td />
            {Array.from({ length: HOURS }, (_, hour) => (
              <th key={hour} scope="col">
                {hour % 3 === 0 ? hour : <span className="visually-hidden">{hour}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {week.cells.map((hours, weekday) => (
            <tr key={weekday}>
              <th scope="row">{format.weekday(weekday)}</th>
              {hours.map((value, hour) => (
                <td
                  key={hour}
                  title={`${format.weekday(weekday)}, ${hour} o’clock: ${value === null ? "–" : meanText(format, kind, value)}`}
                  style={
                    {
                      "--part": `${value === null ? 0 : Math.round((100 * value) / (week.greatest || 1))}%`,
                    } as React.CSSProperties
                  }
                >
                  <span className="visually-hidden">{value === null ? "no value" : meanText(format, kind, value)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A mean of counts has a fraction. */
const meanText = (format: Format, kind: MetricKind, value: number): string =>
  kind === "count" ? format.mean(value) : format.value(kind, value);
