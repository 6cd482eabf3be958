// Saved segments: filters with a name, for everybody who reads the merchant or for oneself alone.

import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { Reading } from "../reading.tsx";
import { segmentsPath, useSegments } from "../segments/use-segments.ts";
import { filterText } from "./filter-text.ts";

export function SegmentsCard({ merchant, mayRemove }: { merchant: string; mayRemove: boolean }) {
  const segments = useSegments(merchant, true);
  const remove = async (id: string): Promise<void> => {
    await send("DELETE", `${segmentsPath(merchant)}/${id}`);
    await segments.mutate();
  };
  return (
    <section className="card" aria-labelledby="sharing-segments">
      <h2 id="sharing-segments">Saved segments</h2>
      <Reading of={segments}>
        {({ segments: all }) =>
          all.length === 0 ? (
            <p className="quiet">None yet. Filters are saved where the numbers are narrowed to them.</p>
          ) : (
            <ul className="row-list" aria-label="Saved segments">
              {all.map(({ id, name, filters, personal, who }) => (
                <li key={id}>
                  <span>
                    {name} <span className="quiet">{personal ? "(yours alone)" : `by ${who}`}</span>
                    <br />
                    <span className="quiet">{filters.map(filterText).join("; ")}</span>
                  </span>
                  {mayRemove ? (
                    <ConfirmButton
                      label="Remove"
                      name={`Remove ${name}`}
                      title={`Remove ${name}?`}
                      onConfirm={() => remove(id)}
                    >
                      Addresses and programs that name it are refused from then on.
                    </ConfirmButton>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
    </section>
  );
}
