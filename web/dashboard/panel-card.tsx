// A top list: tabs over a table whose rows have bars behind them.

import { type CSSProperties, lazy, Suspense, useMemo } from "react";
import { METRICS } from "../../core/metrics.ts";
import { type ListRow, listOf } from "./answers.ts";
import { canFilterBy, type FilterField, isFiltered } from "./filters.ts";
import type { Format } from "./format.ts";
import { PanelTabs } from "./panel-tabs.tsx";
import { type Panel, propertyOf, rowName, type Tab, tabOf } from "./panels.ts";
import { panelQuestion, type Scope } from "./questions.ts";
import { SkeletonRows } from "./skeleton.tsx";
import { useAnswer } from "./use-answer.ts";

const MapView = lazy(() => import("./map/map-view.tsx"));

export interface PanelCardProps {
  panel: Panel;
  /** Id of the open tab; the first one when undefined. */
  open: string | undefined;
  scope: Scope;
  format: Format;
  onOpen: (tab: string) => void;
  onDetail: () => void;
  onFilter: (field: FilterField, value: string) => void;
}

export function PanelCard({ panel, open, onOpen, onDetail, ...list }: PanelCardProps) {
  const chosen = tabOf(panel, open);
  return (
    <section
      className="card panel"
      aria-labelledby={`panel-${panel.id}`}
      style={{ "--rows": panel.rows } as CSSProperties}
    >
      <header className="panel-head">
        <h2 id={`panel-${panel.id}`}>
          <button type="button" className="link-quiet" title="All rows, more numbers, search" onClick={onDetail}>
            {panel.title} <span aria-hidden="true">⤢</span>
          </button>
        </h2>
        <PanelTabs panel={panel} chosen={chosen} label={panel.title} scope={list.scope} onOpen={onOpen} />
      </header>
      {chosen.map === true ? (
        <Suspense fallback={<SkeletonRows rows={panel.rows} />}>
          <MapView tab={chosen} {...list} />
        </Suspense>
      ) : propertyOf(chosen) === "" ? (
        <div className="list" />
      ) : (
        <List key={`${chosen.id} ${chosen.dimension}`} tab={chosen} rows={panel.rows} {...list} />
      )}
    </section>
  );
}

interface ListProps {
  tab: Tab;
  rows: number;
  scope: Scope;
  format: Format;
  onFilter: (field: FilterField, value: string) => void;
}

function List({ tab, rows: most, scope, format, onFilter }: ListProps) {
  const { answered, waiting, problem } = useAnswer(
    useMemo(() => ({ body: panelQuestion(scope, tab, most), period: scope.period }), [scope, tab, most]),
  );
  const rows = useMemo(
    () => (answered === undefined ? null : listOf(answered.answer, (row) => rowName(tab, row, format))),
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
        <p className="quiet">{tab.empty ?? "Nothing in these dates."}</p>
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
            <Row
              key={row.value}
              {...{ row, tab, format, onFilter }}
              chosen={isFiltered(scope.filters, tab.dimension, row.value)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  row: ListRow;
  tab: Tab;
  format: Format;
  /** The page is narrowed to it. */
  chosen: boolean;
  onFilter: (field: FilterField, value: string) => void;
}

function Row({ row, tab, format, chosen, onFilter }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <span className="bar" style={{ inlineSize: `${row.share * 100}%` }} aria-hidden="true" />
        {canFilterBy(row.value) ? (
          <button
            type="button"
            className="row-name"
            title={row.name}
            aria-pressed={chosen}
            onClick={() => onFilter(tab.dimension, row.value)}
          >
            {row.name}
          </button>
        ) : (
          <span className="row-name">{row.name}</span>
        )}
      </th>
      {tab.metrics.map((metric, index) => {
        const value = row.numbers[index] ?? null;
        return <td key={metric}>{value === null ? "–" : format.value(METRICS[metric].kind, value)}</td>;
      })}
    </tr>
  );
}
