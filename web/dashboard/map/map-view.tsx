// Countries by visits on a map. Pointing names a country and its numbers, pressing it narrows the page to it. What cannot
// be pointed at (small countries, and by keyboard) is in the list of countries beside it.

import { useMemo } from "react";
import { METRICS } from "../../../core/metrics.ts";
import { type ListRow, listOf } from "../answers.ts";
import type { FilterField } from "../filters.ts";
import type { Format } from "../format.ts";
import { rowName, type Tab } from "../panels.ts";
import { panelQuestion, type Scope } from "../questions.ts";
import { useAnswer } from "../use-answer.ts";
import { SHADES, shadesOf } from "./shades.ts";
import { World } from "./world.tsx";

const COUNTRIES = 300;

export interface MapViewProps {
  tab: Tab;
  scope: Scope;
  format: Format;
  onFilter: (field: FilterField, value: string) => void;
}

export default function MapView({ tab, scope, format, onFilter }: MapViewProps) {
  const { answered, waiting, problem } = useAnswer(
    useMemo(() => ({ body: panelQuestion(scope, tab, COUNTRIES), period: scope.period }), [scope, tab]),
  );
  const rows = useMemo(
    () =>
      new Map(
        (answered === undefined ? [] : listOf(answered.answer, (row) => rowName(tab, row, format))).map((row) => [
          row.value,
          row,
        ]),
      ),
    [answered, tab, format],
  );
  const shades = useMemo(() => shadesOf(new Map([...rows].map(([code, row]) => [code, row.numbers[0] ?? 0]))), [rows]);
  const [first] = rows.values();
  const label =
    first === undefined
      ? "Map of the world: no visits in these dates"
      : `Map of the world: visits from ${rows.size} countries, most from ${first.name}`;
  if (problem !== undefined && answered === undefined) return <p className="quiet">{problem.message}</p>;
  return (
    <World
      label={label}
      shades={shades}
      busy={waiting}
      captionOf={(code) => captionOf(code, rows, tab, format)}
      onPress={(code) => {
        if (rows.has(code)) onFilter("country", code);
      }}
    >
      <p className="map-key" aria-hidden="true">
        fewer
        {Array.from({ length: SHADES }, (_, shade) => (
          <span key={shade} data-shade={shade + 1} />
        ))}
        more
      </p>
    </World>
  );
}

function captionOf(code: string, rows: ReadonlyMap<string, ListRow>, tab: Tab, format: Format): string {
  const row = rows.get(code);
  const numbers = tab.metrics.map((metric, index) => {
    const { kind, label } = METRICS[metric];
    return `${label.toLowerCase()} ${format.value(kind, row?.numbers[index] ?? 0)}`;
  });
  return `${format.country(code)}: ${numbers.join(", ")}`;
}
