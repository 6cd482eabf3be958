// Goals: events, or pageviews of a page, that are worth counting visits by. They hold for the past too.

import { isAtLeast } from "../roles.ts";
import { type FormEvent, useState } from "react";
import { send } from "../api.ts";
import { textIn } from "../form-text.ts";
import { Reading, Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import { useRead } from "../use-read.ts";
import type { SectionProps } from "./settings-page.tsx";

interface Goal {
  display_name: string;
  goal_type: "event" | "page";
  event_name?: string;
  page_path?: string;
  value?: number;
}

export default function GoalsSection({ merchant }: SectionProps) {
  const address = `/api/v1/merchants/${merchant.id}/goals`;
  const goals = useRead<{ goals: Goal[] }>(address);
  const mayChange = isAtLeast(merchant.role, "admin");
  const { busy, problem, act } = useAct();
  const remove = async (name: string): Promise<void> => {
    if (await act(() => send("DELETE", `${address}/${encodeURIComponent(name)}`))) await goals.mutate();
  };
  return (
    <>
      <p>
        A goal is an event, or a page, that is worth counting visits by. Reports look for it in the events, so a new one
        holds for the past at once.
      </p>
      <section className="card" aria-labelledby="goals-list">
        <h2 id="goals-list">Goals</h2>
        <Reading of={goals}>
          {({ goals: all }) =>
            all.length === 0 ? (
              <p className="quiet">None yet.</p>
            ) : (
              <GoalTable goals={all} busy={busy} onRemove={mayChange ? (name) => void remove(name) : null} />
            )
          }
        </Reading>
        <Refused problem={problem} />
      </section>
      {mayChange ? <NewGoal address={address} onMade={() => void goals.mutate()} /> : null}
    </>
  );
}

interface GoalTableProps {
  goals: readonly Goal[];
  busy: boolean;
  /** Null: not for the reader. */
  onRemove: ((name: string) => void) | null;
}

function GoalTable({ goals, busy, onRemove }: GoalTableProps) {
  return (
    <div className="table-scroll">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Goal</th>
            <th scope="col">Reached by</th>
            <th scope="col" className="number">
              Worth
            </th>
            {onRemove === null ? null : <td />}
          </tr>
        </thead>
        <tbody>
          {goals.map((goal) => (
            <tr key={goal.display_name}>
              <th scope="row">{goal.display_name}</th>
              <td>{goal.goal_type === "event" ? `the event ${goal.event_name}` : `the page ${goal.page_path}`}</td>
              <td className="number">{goal.value ?? "–"}</td>
              {onRemove === null ? null : (
                <td className="number">
                  <button
                    type="button"
                    className="link"
                    disabled={busy}
                    aria-label={`Remove ${goal.display_name}`}
                    onClick={() => onRemove(goal.display_name)}
                  >
                    Remove
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewGoal({ address, onMade }: { address: string; onMade: () => void }) {
  const { busy, problem, act } = useAct();
  const [kind, setKind] = useState<Goal["goal_type"]>("event");
  const make = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const text = (name: string): string => textIn(fields, name);
    const goal = {
      goal_type: kind,
      ...(kind === "event" ? { event_name: text("what") } : { page_path: text("what") }),
      ...(text("name") === "" ? {} : { display_name: text("name") }),
      ...(text("value") === "" ? {} : { value: Number(text("value")) }),
    };
    if (!(await act(() => send("POST", address, goal)))) return;
    form.reset();
    onMade();
  };
  return (
    <section className="card" aria-labelledby="goals-new">
      <h2 id="goals-new">A new goal</h2>
      <form className="form" onSubmit={(event) => void make(event)}>
        <label>
          Reached by
          <select value={kind} onChange={({ target }) => setKind(target.value === "page" ? "page" : "event")}>
            <option value="event">an event</option>
            <option value="page">a page that is looked at</option>
          </select>
        </label>
        <label>
          {kind === "event" ? "Name of the event" : "Path of the page; * stands for any letters"}
          <input name="what" required placeholder={kind === "event" ? "signup" : "/thanks*"} />
        </label>
        <label>
          What it is called (empty: as above)
          <input name="name" />
        </label>
        <label>
          What it is worth, in the merchant’s currency (empty: nothing)
          <input name="value" type="number" min={0} step="any" />
        </label>
        <button type="submit" className="button button-primary" disabled={busy}>
          Make the goal
        </button>
        <Refused problem={problem} />
      </form>
    </section>
  );
}
