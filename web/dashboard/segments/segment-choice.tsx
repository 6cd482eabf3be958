// Which saved segments the page is narrowed to: any of those that are chosen.

import { Reading } from "../reading.tsx";
import { useSegments } from "./use-segments.ts";

export interface SegmentChoiceProps {
  merchant: string;
  /** Their ids. */
  chosen: readonly string[];
  onChoose: (ids: readonly string[]) => void;
}

export const SegmentChoice = ({ merchant, chosen, onChoose }: SegmentChoiceProps) => (
  <Reading of={useSegments(merchant, true)}>
    {({ segments }) =>
      segments.length === 0 ? (
        <p className="quiet">None yet. Filters that the page has are saved as one beside them.</p>
      ) : (
        <fieldset className="segment-choice">
          <legend>Any of these</legend>
          {segments.map(({ id, name, personal }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                onChange={({ target }) =>
                  onChoose(target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
                }
              />
              <span>
                {name}
                {personal ? <small> yours alone</small> : null}
              </span>
            </label>
          ))}
        </fieldset>
      )
    }
  </Reading>
);
