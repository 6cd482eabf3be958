// Notes on the chart: a mark on the axis at each bucket that has any. Its text is shown to whoever points at it or moves the focus
// there; pressed, it opens where notes are written, if that is for the reader.

import type { AnnotationView } from "../../../core/annotation-view.ts";
import type { CSSProperties } from "react";
import { placeOf } from "../chart-options.ts";
import type { Format } from "../format.ts";
import type { Interval } from "../range.ts";
import { hourText } from "./annotations.ts";

export interface ChartNotesProps {
  notes: ReadonlyMap<number, readonly AnnotationView[]>;
  /** How many the chart has. */
  buckets: number;
  format: Format;
  onPress: ((element: HTMLElement) => void) | null;
}

export function ChartNotes({ notes, buckets, format, onPress }: ChartNotesProps) {
  return [...notes].map(([bucket, all]) => {
    const place = placeOf(bucket, buckets);
    return (
      <div
        key={bucket}
        className="chart-note"
        data-side={place > 0.5 ? "left" : "right"}
        style={{ "--place": place } as CSSProperties}
      >
        <button
          type="button"
          className="chart-note-mark"
          aria-label={`Note: ${all.map((note) => noteLine(note, format)).join("; ")}`}
          onClick={(event) => onPress?.(event.currentTarget)}
        />
        <div className="chart-note-text" aria-hidden="true">
          {all.map((note) => (
            <p key={note.id}>
              <small>{[momentOf(note, format), note.who].filter((one) => one !== null).join(" · ")}</small>
              {note.text}
            </p>
          ))}
        </div>
      </div>
    );
  });
}

export const momentOf = ({ date, hour }: Pick<AnnotationView, "date" | "hour">, format: Format): string =>
  hour === null
    ? format.bucket(date, "day")
    : format.bucket(`${date} ${hourText(hour)}:00:00`, "hour" satisfies Interval);

const noteLine = (note: AnnotationView, format: Format): string => `${momentOf(note, format)}: ${note.text}`;
