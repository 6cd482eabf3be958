// The row of numbers, money first. One of them is chosen and drives the chart: they are the radio buttons of the browser.

import { METRICS, type Metric } from "../../core/metrics.ts";
import type { Change, Figure } from "./answers.ts";
import type { Format } from "./format.ts";
import { HEADLINE, type HeadlineMetric } from "./metrics.ts";
import { Skeleton } from "./skeleton.tsx";

export interface HeadlineProps {
  /** Null until there are any. */
  figures: readonly Figure[] | null;
  waiting: boolean;
  severalDays: boolean;
  metric: HeadlineMetric;
  format: Format;
  onChoose: (metric: HeadlineMetric) => void;
}

export function Headline({ figures, waiting, severalDays, metric, format, onChoose }: HeadlineProps) {
  return (
    <div className="headline" role="radiogroup" aria-label="Number shown in the chart" aria-busy={waiting}>
      {HEADLINE.map((name, index) => (
        <label key={name} className="figure" data-metric={name}>
          <input
            type="radio"
            className="visually-hidden"
            name="chart-metric"
            checked={name === metric}
            onChange={() => onChoose(name)}
          />
          <span className="figure-label">{METRICS[name].label}</span>
          <FigureValue figure={figures?.[index]} metric={name} format={format} />
          <span className="figure-foot">
            <FigureFoot figure={figures?.[index]} format={format} />
            {name === "visitors" && severalDays && figures !== null ? (
              <span className="figure-note" title={METRICS.visitors.definition}>
                sum of days
              </span>
            ) : null}
          </span>
        </label>
      ))}
    </div>
  );
}

function FigureValue(props: { figure: Figure | undefined; metric: Metric; format: Format }) {
  if (props.figure === undefined)
    return (
      <span className="figure-value">
        <Skeleton width="5ch" />
      </span>
    );
  const { now } = props.figure;
  return (
    <span className="figure-value">{now === null ? "–" : props.format.value(METRICS[props.metric].kind, now)}</span>
  );
}

function FigureFoot({ figure, format }: { figure: Figure | undefined; format: Format }) {
  if (figure === undefined || figure.before === null) return null;
  const before = format.value(METRICS[figure.metric].kind, figure.before);
  return (
    <>
      <ChangeMark change={figure.change} format={format} />
      <span title="Period before">
        <span className="visually-hidden">, before: </span>
        {before}
      </span>
    </>
  );
}

const ARROWS = { up: "↑", down: "↓", same: "" };
const WORDS = { up: "up", down: "down", same: "unchanged" };

export function ChangeMark({ change, format }: { change: Change | null; format: Format }) {
  if (change === null) return null;
  const { direction, good } = change;
  return (
    <span className="change" data-good={good ?? undefined}>
      <span aria-hidden="true">{ARROWS[direction]} </span>
      <span className="visually-hidden">, {WORDS[direction]} </span>
      {format.change(change.size, change.unit)}
    </span>
  );
}
