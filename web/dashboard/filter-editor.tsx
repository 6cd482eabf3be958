// One condition: which field, how it is compared, and with what. Values that occur in these dates are offered while one
// types; any other may be written.

import { SEGMENT } from "../../core/segments.ts";
import { useMemo, useState } from "react";
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import {
  FIELD_LABELS,
  type Filter,
  type FilterField,
  isNamed,
  type Operator,
  OPERATOR_LABELS,
  operatorsFor,
  plainName,
  PROPERTY,
} from "./filters.ts";
import type { Format } from "./format.ts";
import { Overlay } from "./overlay.tsx";
import { valuesQuestion } from "./questions.ts";
import type { Period } from "./range.ts";
import { SegmentChoice } from "./segments/segment-choice.tsx";
import { useAnswer } from "./use-answer.ts";
import type { OverlayProps } from "./use-overlay.ts";

const SUGGESTIONS = 12;

export interface FilterEditorProps {
  overlay: OverlayProps;
  merchant: string;
  /** Whether the reader may see the saved segments. */
  hasSegments: boolean;
  period: Period;
  format: Format;
  /** The one that is edited; a new one without. */
  filter: Filter | undefined;
  onSave: (filter: Filter) => void;
}

export default function FilterEditor({
  overlay,
  merchant,
  hasSegments,
  period,
  format,
  filter,
  onSave,
}: FilterEditorProps) {
  const [field, setField] = useState<FilterField>(filter?.field ?? "country");
  const [operator, setOperator] = useState<Operator>(filter?.operator ?? "is");
  const [values, setValues] = useState<readonly string[]>(filter?.values ?? []);
  const [typed, setTyped] = useState("");
  const property = isNamed(field) ? null : field.slice(PROPERTY.length);
  const wanted = typed.trim() === "" || field === SEGMENT ? values : [...new Set([...values, typed.trim()])];
  const complete = wanted.length > 0 && property !== "";
  return (
    <Overlay overlay={overlay} label={filter === undefined ? "Add a filter" : "Change the filter"}>
      <form
        className="filter-editor"
        onSubmit={(event) => {
          event.preventDefault();
          if (!complete) return;
          overlay.onOpenChange(false);
          onSave({ operator, field, values: wanted });
        }}
      >
        <label>
          Field
          <select
            value={property === null ? field : PROPERTY}
            onChange={({ target }) => {
              const next = target.value as FilterField;
              setField(next);
              if (!operatorsFor(next).includes(operator)) setOperator("is");
              setValues([]);
            }}
          >
            {Object.entries(FIELD_LABELS)
              .filter(([name]) => hasSegments || name !== SEGMENT)
              .map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            <option value={PROPERTY}>Property of the event …</option>
          </select>
        </label>
        {property === null ? null : (
          <label>
            Name of the property
            <input value={property} onChange={({ target }) => setField(`${PROPERTY}${target.value}`)} />
          </label>
        )}
        <label>
          Comparison
          <select value={operator} onChange={({ target }) => setOperator(target.value as Operator)}>
            {operatorsFor(field).map((each) => (
              <option key={each} value={each}>
                {OPERATOR_LABELS[each]}
              </option>
            ))}
          </select>
        </label>
        {field === SEGMENT ? (
          <SegmentChoice merchant={merchant} chosen={values} onChoose={setValues} />
        ) : (
          <>
            <Chosen values={values} onRemove={(value) => setValues(values.filter((each) => each !== value))} />
            <ValueBox
              {...{ merchant, period, format, typed }}
              field={field}
              chosen={values}
              onType={setTyped}
              onChoose={(value) => {
                setValues([...new Set([...values, value])]);
                setTyped("");
              }}
            />
          </>
        )}
        <Button type="submit" className="button button-primary" isDisabled={!complete}>
          {filter === undefined ? "Add" : "Save"}
        </Button>
      </form>
    </Overlay>
  );
}

function Chosen({ values, onRemove }: { values: readonly string[]; onRemove: (value: string) => void }) {
  if (values.length === 0) return null;
  return (
    <ul className="chosen" aria-label="Chosen values">
      {values.map((value) => (
        <li key={value} className="chip">
          <span className="chip-text">{plainName(value)}</span>
          <button type="button" className="chip-remove" aria-label={`Remove ${value}`} onClick={() => onRemove(value)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

interface ValueBoxProps {
  merchant: string;
  period: Period;
  format: Format;
  field: FilterField;
  chosen: readonly string[];
  typed: string;
  onType: (text: string) => void;
  onChoose: (value: string) => void;
}

const nameOf = (field: FilterField, code: string, format: Format): string | undefined =>
  field === "country" ? format.country(code) : field === "language" ? format.language(code) : undefined;

function ValueBox({ merchant, period, format, field, chosen, typed, onType, onChoose }: ValueBoxProps) {
  const question = useMemo(
    () => (isNamed(field) ? { body: valuesQuestion({ merchant, period, filters: [] }, field), period } : null),
    [merchant, period, field],
  );
  const { answered } = useAnswer(question);
  const options = useMemo(() => {
    const lower = typed.trim().toLowerCase();
    return (answered?.answer.results ?? [])
      .map((row) => ({ id: row.dimensions[0] ?? "", label: row.label }))
      .filter(({ id }) => !chosen.includes(id))
      .map(({ id, label }) => ({
        id,
        name: nameOf(field, plainName(id), format) ?? label ?? plainName(id),
      }))
      .filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(lower))
      .slice(0, SUGGESTIONS);
  }, [answered, chosen, typed, field, format]);
  return (
    <ComboBox
      className="value-box"
      allowsCustomValue
      menuTrigger="focus"
      items={options}
      inputValue={typed}
      onInputChange={onType}
      onSelectionChange={(key) => {
        if (typeof key === "string") onChoose(key);
      }}
    >
      <Label>Value</Label>
      <Input />
      <Popover className="popover">
        <ListBox<(typeof options)[number]> className="options">
          {(option) => (
            <ListBoxItem id={option.id} className="option" textValue={option.name}>
              {option.name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
