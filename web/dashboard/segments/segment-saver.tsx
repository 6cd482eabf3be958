// Where the present filters get a name, for everybody who reads the merchant or for oneself alone.

import { type FormEvent, useId } from "react";
import { useSWRConfig } from "swr";
import { SHARED_NAME_CHARS_MAX } from "../../../core/limits.ts";
import type { SavedSegment } from "../../../core/segments.ts";
import { send } from "../api.ts";
import { type Filter, filterBody } from "../filters.ts";
import { textIn } from "../form-text.ts";
import { Overlay } from "../overlay.tsx";
import { Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import type { OverlayProps } from "../use-overlay.ts";
import { segmentsPath } from "./use-segments.ts";

export interface SegmentSaverProps {
  overlay: OverlayProps;
  merchant: string;
  filters: readonly Filter[];
  /** Whether the reader is somebody, who can have segments of their own. */
  hasOwn: boolean;
  onSaved: (id: string) => void;
}

export default function SegmentSaver({ overlay, merchant, filters, hasOwn, onSaved }: SegmentSaverProps) {
  const { mutate } = useSWRConfig();
  const { busy, problem, act } = useAct();
  const note = useId();
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const fields = new FormData(event.currentTarget);
    const segment = { name: textIn(fields, "name"), filters: filterBody(filters), personal: fields.has("personal") };
    await act(async () => {
      const { id } = await send<SavedSegment>("POST", segmentsPath(merchant), segment);
      await mutate(segmentsPath(merchant));
      overlay.onOpenChange(false);
      onSaved(id);
    });
  };
  return (
    <Overlay overlay={overlay} label="Save as a segment">
      <form className="filter-editor" onSubmit={(event) => void save(event)}>
        <label>
          Name of the segment
          <input
            name="name"
            required
            maxLength={SHARED_NAME_CHARS_MAX}
            autoComplete="off"
            autoFocus
            aria-describedby={note}
          />
        </label>
        {hasOwn ? (
          <label className="check">
            <input name="personal" type="checkbox" />
            <span>For me alone</span>
          </label>
        ) : null}
        <p id={note} className="quiet">
          The filters of this page, to be picked again by name: here, and in questions to the API.
        </p>
        <button type="submit" className="button button-primary" aria-disabled={busy}>
          Save the segment
        </button>
        <Refused problem={problem} />
      </form>
    </Overlay>
  );
}
