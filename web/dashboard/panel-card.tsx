// A top list: tabs over a table whose rows have bars behind them.

import { type CSSProperties, useMemo } from "react";
import type { ResultRow } from "../../core/answer.ts";
import { METRICS } from "../../core/metrics.ts";
import { NOT_SET, OTHER } from "../../core/rollup.ts";
import { type ListRow, listOf } from "./answers.ts";
import type { Format } from "./format.ts";
import { type Panel, type Tab, tabOf } from "./panels.ts";
import { panelQuestion } from "./questions.ts";
import type { Period } from "./range.ts";
import { SkeletonRows } from "./skeleton.tsx";
import { useAnswer } from "./use-answer.ts";

export interface PanelCardProps {
  panel: Panel;
  /** Id of the open tab; the first one when undefined. */
  open: string | undefined;
  merchant: string;
  period: Period;
  format: Format;
  onOpen: (tab: string) => void;
}

export function PanelCard({ panel, open, onOpen, ...list }: PanelCardProps) {
  const chosen = tabOf(panel, open);
  return (
    <section
      className="card panel"
      aria-labelledby={`panel-${panel.id}`}
      style={{ "--rows": panel.rows } as CSSProperties}
    >
      <header className="panel-head">
        <h2 id={`panel-${panel.id}`}>{panel.title}</h2>
        {panel.tabs.length === 1 ? null : <TabRow panel={panel} chosen={chosen} onOpen={onOpen} />}
      </header>
      <List key={chosen.id} tab={chosen} rows={panel.rows} {...list} />
    </section>
  );
}

/** One of several lists is chosen: the radio buttons of the browser, with their arrow keys. */
function TabRow({ panel, chosen, onOpen }: { panel: Panel; chosen: Tab; onOpen: (tab: string) => void }) {
  return (
    <div className="tabs" role="radiogroup" aria-label={panel.title}>
      {panel.tabs.map(({ id, label }) => (
        <label key={id} className="tab">
          <input
            type="radio"
            className="visually-hidden"
            name={`tab-${panel.id}`}
            checked={id === chosen.id}
            onChange={() => onOpen(id)}
          />
          {label}
        </label>
      ))}
    </div>
  );
}

interface ListProps {
  tab: Tab;
  rows: number;
  merchant: string;
  period: Period;
  format: Format;
}

function List({ tab, rows: most, merchant, period, format }: ListProps) {
  const { answered, waiting, problem } = useAnswer(
    useMemo(() => ({ body: panelQuestion(merchant, period, tab, most), period }), [merchant, period, tab, most]),
  );
  const rows = useMemo(
    () => (answered === undefined ? null : listOf(answered.answer, (row) => nameOf(tab, row, format))),
    [answered, tab, format],
  );
  if (rows === null)
    return (
      <div className="list">
        {problem === undefined ? <SkeletonRows rows={most} /> : <p className="quiet">{problem.message}</p>}
      </div>
    );
  if (rows.length === 0)
    return (
      <div className="list">
        <p className="quiet">Nothing in these dates.</p>
      </div>
    );
  return (
    <div className="list" aria-busy={waiting}>
      <table>
        <thead>
          <tr>
            <th scope="col">{tab.row}</th>
            {tab.metrics.map((metric) => (
              <th key={metric} scope="col" title={METRICS[metric].definition}>
                {METRICS[metric].label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.value} row={row} tab={tab} format={format} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, tab, format }: { row: ListRow; tab: Tab; format: Format }) {
  return (
    <tr>
      <th scope="row">
        <span className="bar" style={{ inlineSize: `${row.share * 100}%` }} aria-hidden="true" />
        <span className="row-name" title={row.name}>
          {row.name}
        </span>
      </th>
      {tab.metrics.map((metric, index) => {
        const value = row.numbers[index] ?? null;
        return <td key={metric}>{value === null ? "–" : format.value(METRICS[metric].kind, value)}</td>;
      })}
    </tr>
  );
}

/** Codes as names, products by their name; what is not known says so. */
function nameOf(tab: Tab, row: ResultRow, format: Format): string {
  const value = row.dimensions[0] ?? "";
  if (value === NOT_SET) return "Not set";
  if (value === OTHER) return "All others";
  if (value === "(direct)") return "Direct";
  if (tab.dimension === "country") return format.country(value);
  return row.label ?? value;
}
