// Erasing a visitor for good, by the id that the shop sent with their events; and how far each erasure is.

import type { ErasureState, ErasureView } from "../../../core/erasure-view.ts";
import { ActForm } from "../act-form.tsx";
import { send } from "../api.ts";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { momentOf } from "../when.ts";

const REFRESH_MS = 10_000;

export function ErasureCard({ merchant }: { merchant: string }) {
  const address = `/api/v1/merchants/${merchant}/erasures`;
  const erasures = useRead<{ erasures: ErasureView[] }>(address, REFRESH_MS);
  const erase = async (text: (field: string) => string): Promise<void> => {
    await send("POST", address, { user: text("user"), ...(text("why") === "" ? {} : { why: text("why") }) });
    await erasures.mutate();
  };
  return (
    <section className="card" aria-labelledby="data-erasure">
      <h2 id="data-erasure">Erase a visitor</h2>
      <p>
        Takes everything that came of a visitor out of events and numbers, by the id that you sent as <code>user</code>.
        Visitors without such an id are not known from one day to the next.
      </p>
      <ActForm button="Erase for good" danger done="It has begun." act={erase}>
        <label>
          The visitor’s id
          <input name="user" required maxLength={200} autoComplete="off" />
        </label>
        <label>
          Why (for the record; no names)
          <input name="why" maxLength={1_000} autoComplete="off" />
        </label>
        <label className="check">
          <input type="checkbox" required /> It cannot be undone
        </label>
      </ActForm>
      <Reading of={erasures}>
        {({ erasures: all }) =>
          all.length === 0 ? (
            <p className="quiet">Nobody has been erased.</p>
          ) : (
            <ul className="row-list" aria-label="Erasures">
              {all.map((erasure) => (
                <li key={erasure.id}>
                  <span>
                    {STATES[erasure.state]}
                    <br />
                    <span className="quiet">{aboutErasure(erasure)}</span>
                  </span>
                  <span className="quiet">
                    {momentOf(erasure.asked_at, "")}, {erasure.who}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
    </section>
  );
}

const STATES: Readonly<Record<ErasureState, string>> = {
  running: "Under way",
  following: "Done for the days that are sealed; the others follow at their ends",
  done: "Done",
  failed: "Some days could not be read yet",
};

const aboutErasure = ({ events, days, following, why }: ErasureView): string =>
  [
    `${events.toLocaleString()} ${events === 1 ? "event" : "events"} erased`,
    days.queued > 0 || !days.listed ? `${days.done} days looked at so far` : null,
    days.failed > 0 ? `${days.failed} failed` : null,
    following.length > 0 ? `to follow: ${following.join(", ")}` : null,
    why,
  ]
    .filter((part) => part !== null)
    .join(" · ");
