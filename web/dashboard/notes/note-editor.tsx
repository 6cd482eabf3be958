// Where notes are written: a new one, and those of the dates that are shown, to be changed or taken away.

import type { AnnotationView } from "../../../core/annotation-view.ts";
import { type FormEvent, useState } from "react";
import { textIn } from "../form-text.ts";
import type { Format } from "../format.ts";
import { Overlay } from "../overlay.tsx";
import type { Period } from "../range.ts";
import { Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import type { OverlayProps } from "../use-overlay.ts";
import { hourText } from "./annotations.ts";
import { momentOf } from "./chart-notes.tsx";
import "../styles/notes.css";
import type { Notes } from "./use-annotations.ts";

const TEXT_CHARS_MAX = 300;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export interface NoteEditorProps {
  overlay: OverlayProps;
  notes: readonly AnnotationView[];
  change: NonNullable<Notes["change"]>;
  period: Period;
  format: Format;
}

export default function NoteEditor({ overlay, notes, change, period, format }: NoteEditorProps) {
  const [edited, setEdited] = useState<AnnotationView | null>(null);
  const { busy, problem, act } = useAct();
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const hour = textIn(fields, "hour");
    const written = {
      date: textIn(fields, "date"),
      hour: hour === "" ? null : Number(hour),
      text: textIn(fields, "text"),
    };
    if (busy || !(await act(() => change.save(edited?.id ?? null, written)))) return;
    setEdited(null);
    form.reset();
  };
  const remove = async (id: string): Promise<void> => {
    if ((await act(() => change.remove(id))) && edited?.id === id) setEdited(null);
  };
  return (
    <Overlay overlay={overlay} label="Notes">
      <div className="note-editor">
        <form key={edited?.id ?? ""} className="filter-editor" onSubmit={(event) => void save(event)}>
          <label>
            Note
            <input
              name="text"
              required
              maxLength={TEXT_CHARS_MAX}
              defaultValue={edited?.text ?? ""}
              autoComplete="off"
            />
          </label>
          <label>
            Date
            <input name="date" type="date" required defaultValue={edited?.date ?? period.to} />
          </label>
          <label>
            Hour
            <select name="hour" defaultValue={edited?.hour ?? ""}>
              <option value="">The whole day</option>
              {HOURS.map((hour) => (
                <option key={hour} value={hour}>
                  {hourText(hour)}:00
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className="button button-primary" aria-disabled={busy}>
            {edited === null ? "Add the note" : "Save the note"}
          </button>
          {edited === null ? null : (
            <button type="button" className="link" onClick={() => setEdited(null)}>
              A new one instead
            </button>
          )}
          <Refused problem={problem} />
        </form>
        {notes.length === 0 ? null : (
          <ul className="note-list" aria-label="Notes of these dates">
            {notes.map((note) => (
              <li key={note.id}>
                <p>
                  <small>{[momentOf(note, format), note.who].filter((one) => one !== null).join(" · ")}</small>
                  {note.text}
                </p>
                <button
                  type="button"
                  className="link"
                  aria-label={`Change ${note.text}`}
                  onClick={() => setEdited(note)}
                >
                  Change
                </button>
                <button
                  type="button"
                  className="link"
                  aria-label={`Delete ${note.text}`}
                  onClick={() => void remove(note.id)}
                >
                  Delete
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Overlay>
  );
}
