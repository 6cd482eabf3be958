// What a run has counted differently: the totals before and after, as bars beside each other, and the rows that differ most.

import type { RunDifference as Difference } from "../../core/replay.ts";
import { Reading } from "./reading.tsx";
import { useRead } from "./use-read.ts";
import { measureName, measureText } from "./measure-text.ts";
import { words } from "./words.ts";

/** `address` is that of the run's difference. */
export function RunDifference({ address }: { address: string }) {
  return <Reading of={useRead<Difference>(address)}>{(difference) => <Shown difference={difference} />}</Reading>;
}

function Shown({ difference }: { difference: Difference }) {
  const { changed_days: changed, days, count, rows } = difference;
  if (changed === 0)
    return <p>Nothing differs: {days === 1 ? "the day gives" : `all ${days} days give`} exactly the same numbers.</p>;
  return (
    <>
      <p>
        {changed} of {days} days differ, {count} numbers in all.
      </p>
      <Totals difference={difference} />
      <div className="table-scroll" tabIndex={0} role="group" aria-label="Numbers that differ">
        <table className="plain-table">
          <caption className="visually-hidden">Numbers that differ, the largest first</caption>
          <thead>
            <tr>
              {["Day", "Dimension", "Value", "Number"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              {["Before", "After", "Change"].map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.merchant} ${row.date} ${row.dimension} ${row.value} ${row.measure}`}>
                <td>{row.date}</td>
                <td>{words(row.dimension)}</td>
                <td>{row.value}</td>
                <td>{measureName(row.measure)}</td>
                <td className="number">{measureText(row.measure, row.before, row.currency)}</td>
                <td className="number">{measureText(row.measure, row.after, row.currency)}</td>
                <td className="number">{percent(row.change)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const percent = (change: number | null): string => (change === null ? "new" : `${change > 0 ? "+" : ""}${change} %`);

function Totals({ difference: { totals, currency } }: { difference: Difference }) {
  const changed = totals.filter(({ before, after }) => before !== after);
  return (
    <dl className="difference">
      {changed.map(({ measure, before, after, change }) => {
        const most = Math.max(before, after, 1);
        return (
          <div key={measure}>
            <dt>
              {measureName(measure)} <strong>{percent(change)}</strong>
            </dt>
            <dd>
              <Bar name="before" share={before / most} text={measureText(measure, before, currency)} />
              <Bar name="after" share={after / most} text={measureText(measure, after, currency)} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

const Bar = ({ name, share, text }: { name: "before" | "after"; share: number; text: string }) => (
  <span className="difference-bar" data-of={name}>
    <span style={{ inlineSize: `${100 * Math.max(0, share)}%` }} aria-hidden="true" />
    {name} {text}
  </span>
);
