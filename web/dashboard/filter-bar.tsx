// What the page is narrowed to, a chip for each condition: pressed it is edited, its cross takes it away. Escape, when
// nothing is open, takes all of them away.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import type { SavedSegment } from "../../core/segments.ts";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { type Filter, isSegment, labelOf, OPERATOR_LABELS, plainName } from "./filters.ts";
import type { Format } from "./format.ts";
import type { Period } from "./range.ts";
import { isAtLeast } from "./roles.ts";
import { SegmentButton } from "./segments/segment-button.tsx";
import { useSegments } from "./segments/use-segments.ts";
import { useOverlay } from "./use-overlay.ts";

const loadEditor = () => import("./filter-editor.tsx");
const FilterEditor = lazy(loadEditor);

export interface FilterBarProps {
  merchant: ListedMerchant;
  /** To those who only look: saved segments are not theirs. */
  isShared: boolean;
  period: Period;
  filters: readonly Filter[];
  format: Format;
  onChange: (filters: readonly Filter[]) => void;
}

/** `id` of the button that adds a filter: the key F presses it. */
export const ADD_FILTER = "add-filter";

export function FilterBar({ merchant, isShared, period, filters, format, onChange }: FilterBarProps) {
  const { button, used, overlay, openAt } = useOverlay(loadEditor);
  // The position of the filter that is edited; past the last one it is a new one.
  const [at, setAt] = useState(filters.length);
  const edit = (position: number, element: HTMLElement): void => {
    setAt(position);
    openAt(element);
  };
  const { data } = useSegments(merchant.id, !isShared && filters.some(isSegment));
  const maySave = !isShared && isAtLeast(merchant.role, "analyst") && filters.length > 0 && !filters.some(isSegment);
  const { addButton, saved } = useFocusAfterSaving();
  const remove = (position: number): void => onChange(filters.filter((_, index) => index !== position));
  return (
    <div className="filters" role="group" aria-label="Filters">
      {filters.map((filter, position) => (
        // A filter has no name of its own; its place says which it is.
        <span key={`${position} ${filter.field}`} className="chip">
          <button type="button" className="chip-text" onClick={(event) => edit(position, event.currentTarget)}>
            {labelOf(filter.field)} {OPERATOR_LABELS[filter.operator]}{" "}
            <strong>
              {filter.values.map((value) => valueName(filter, value, format, data?.segments)).join(" or ")}
            </strong>
          </button>
          <button
            type="button"
            className="chip-remove"
            aria-label={`Remove the filter on ${labelOf(filter.field)}`}
            onClick={() => remove(position)}
          >
            ×
          </button>
        </span>
      ))}
      <button
        type="button"
        id={ADD_FILTER}
        ref={addButton}
        className="button button-small"
        {...button}
        onClick={(event) => edit(filters.length, event.currentTarget)}
      >
        + Filter
      </button>
      {maySave ? (
        <SegmentButton
          merchant={merchant.id}
          filters={filters}
          hasOwn={merchant.role !== null}
          onSaved={(id) => {
            saved();
            onChange([{ operator: "is", field: "segment", values: [id] }]);
          }}
        />
      ) : null}
      {filters.length > 1 ? (
        <button type="button" className="link" onClick={() => onChange([])}>
          Remove all
        </button>
      ) : null}
      {used ? (
        <Suspense fallback={null}>
          <FilterEditor
            key={`${at} ${filters.length} ${String(overlay.isOpen)}`}
            overlay={overlay}
            merchant={merchant.id}
            hasSegments={!isShared}
            period={period}
            format={format}
            filter={filters[at]}
            onSave={(filter) => onChange(filters.toSpliced(at, 1, filter))}
          />
        </Suspense>
      ) : null}
    </div>
  );
}

/** The button that saved them goes with the filters, and the focus is not to go with it. */
function useFocusAfterSaving() {
  const addButton = useRef<HTMLButtonElement>(null);
  const isSaved = useRef(false);
  useEffect(() => {
    if (isSaved.current) addButton.current?.focus();
    isSaved.current = false;
  });
  return { addButton, saved: () => void (isSaved.current = true) };
}

function valueName(
  { field }: Filter,
  value: string,
  format: Format,
  segments: readonly SavedSegment[] | undefined,
): string {
  const plain = plainName(value);
  if (field === "segment") return segments?.find(({ id }) => id === value)?.name ?? value;
  return field === "country" ? format.country(plain) : field === "language" ? format.language(plain) : plain;
}
