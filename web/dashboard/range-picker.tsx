// Presets with their keys, and a calendar for any other dates.

import { type CalendarDate, parseDate } from "@internationalized/date";
import { Button } from "react-aria-components/Button";
import { Heading } from "react-aria-components/Heading";
import { ListBoxItem } from "react-aria-components/ListBox";
import {
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  RangeCalendar,
} from "react-aria-components/RangeCalendar";
import { useEffect, useEffectEvent } from "react";
import { OptionList } from "./option-list.tsx";
import { Overlay } from "./overlay.tsx";
import { type Period, preset, PRESETS, type Range } from "./range.ts";
import type { OverlayProps } from "./use-overlay.ts";

export default function RangePicker(props: {
  overlay: OverlayProps;
  range: Range;
  period: Period;
  today: string;
  onChoose: (range: Range) => void;
  /** The pointer or the focus is on it. */
  onNear: (range: Range) => void;
}) {
  const { overlay, range, period, today, onChoose, onNear } = props;
  const choose = (next: Range): void => {
    overlay.onOpenChange(false);
    onChoose(next);
  };
  return (
    <Overlay overlay={overlay} label="Choose dates">
      <div className="range-picker">
        <OptionList
          label="Presets"
          chosen={range.kind === "preset" ? range.preset : null}
          onChoose={(id) => {
            const known = PRESETS.find((each) => each.id === id);
            choose(known === undefined ? range : preset(known.id));
          }}
        >
          {PRESETS.map(({ id, label, key }) => (
            <ListBoxItem key={id} id={id} className="option" textValue={label} onHoverStart={() => onNear(preset(id))}>
              {({ isFocused }) => (
                <>
                  <span>{label}</span>
                  <kbd>{key}</kbd>
                  {isFocused ? <Focused onNear={() => onNear(preset(id))} /> : null}
                </>
              )}
            </ListBoxItem>
          ))}
        </OptionList>
        <RangeCalendar<CalendarDate>
          className="calendar"
          aria-label="Other dates"
          defaultValue={{ start: parseDate(period.from), end: parseDate(period.to) }}
          defaultFocusedValue={parseDate(period.to)}
          maxValue={parseDate(today)}
          onChange={({ start, end }) => choose({ kind: "dates", from: start.toString(), to: end.toString() })}
        >
          <header>
            <Button slot="previous" className="button button-round">
              ‹
            </Button>
            <Heading />
            <Button slot="next" className="button button-round">
              ›
            </Button>
          </header>
          <CalendarGrid>
            <CalendarGridHeader>{(day) => <CalendarHeaderCell>{day}</CalendarHeaderCell>}</CalendarGridHeader>
            <CalendarGridBody>{(date) => <CalendarCell date={date} className="calendar-day" />}</CalendarGridBody>
          </CalendarGrid>
        </RangeCalendar>
      </div>
    </Overlay>
  );
}

/** Says so once, when the focus comes. */
function Focused({ onNear }: { onNear: () => void }) {
  const near = useEffectEvent(onNear);
  useEffect(() => near(), []);
  return null;
}
