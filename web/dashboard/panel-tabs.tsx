// The tabs of a list, in its card and where it is looked at closely: words to choose by, and for some of them a further choice: which
// parameter of campaigns, which property of events.

import { lazy, Suspense } from "react";
import { Choice } from "./choice.tsx";
import { besides, type Panel, propertyOf, propertyTab, type Tab, wordsOf } from "./panels.ts";
import type { Scope } from "./questions.ts";

const PropertyChoice = lazy(() => import("./property-choice.tsx"));

export interface PanelTabsProps {
  panel: Panel;
  chosen: Tab;
  /** Read out; no two on the page may have the same. */
  label: string;
  scope: Scope;
  onOpen: (tab: string) => void;
}

export function PanelTabs({ panel, chosen, label, scope, onOpen }: PanelTabsProps) {
  const words = wordsOf(panel);
  const others = besides(panel, chosen);
  const property = propertyOf(chosen);
  return (
    <div className="panel-tabs">
      {others.length === 1 ? null : (
        <select aria-label={chosen.under} value={chosen.id} onChange={({ target }) => onOpen(target.value)}>
          {others.map(({ id, label: name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      {property === null ? null : (
        <Suspense fallback={null}>
          <PropertyChoice scope={scope} chosen={property} onChoose={(name) => onOpen(propertyTab(name))} />
        </Suspense>
      )}
      {words.length === 1 ? null : (
        <Choice label={label} options={words} chosen={others[0]?.id ?? chosen.id} onChoose={onOpen} />
      )}
    </div>
  );
}
