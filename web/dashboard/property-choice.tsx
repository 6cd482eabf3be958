// Which property of events a list is by: those that events of these dates have, the most frequent first, and chosen at once.

import { useEffect } from "react";
import useSWR from "swr";
import type { PropertyRow } from "../../core/properties.ts";
import { type ApiProblem, send } from "./api.ts";
import type { Scope } from "./questions.ts";

export interface PropertyChoiceProps {
  scope: Scope;
  /** "" while none is. */
  chosen: string;
  onChoose: (name: string) => void;
}

export default function PropertyChoice({ scope, chosen, onChoose }: PropertyChoiceProps) {
  const { merchant, period } = scope;
  const body = { merchant, date_range: [period.from, period.to] };
  const { data, error } = useSWR<{ results: PropertyRow[] }, ApiProblem>(
    { properties: body },
    () => send<{ results: PropertyRow[] }>("POST", "/api/v1/properties", body),
    { keepPreviousData: true, revalidateOnFocus: false, revalidateIfStale: period.open },
  );
  const names = data?.results.map(({ name }) => name) ?? [];
  const [first] = names;
  useEffect(() => {
    if (chosen === "" && first !== undefined) onChoose(first);
  });
  if (names.length === 0 && chosen === "")
    return data === undefined && error === undefined ? null : (
      <span className="quiet panel-tabs-note">{error?.message ?? "No event of these dates has properties."}</span>
    );
  return (
    <select aria-label="Property" value={chosen} onChange={({ target }) => onChoose(target.value)}>
      {[...new Set([...(chosen === "" ? [] : [chosen]), ...names])].sort().map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
