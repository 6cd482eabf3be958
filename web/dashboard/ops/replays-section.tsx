// Runs: counting history again. The newest ones; a new one; and one of them, with its progress, what it would change, and the
// buttons that switch readers to it and back.

import { type FormEvent, useState } from "react";
import type { RunView } from "../../../core/replay.ts";
import { pastHasChanged, send } from "../api.ts";
import { textIn } from "../form-text.ts";
import { Reading, Refused } from "../reading.tsx";
import { RunDifference } from "../run-difference.tsx";
import { RunProgress } from "../run-progress.tsx";
import { useAct } from "../use-act.ts";
import { goTo, linkTo } from "../use-page.ts";
import { useRead } from "../use-read.ts";
import { words } from "../words.ts";
import type { OpsSectionProps } from "./ops-page.tsx";

const ADDRESS = "/api/ops/replays";
const REFRESH_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
const WHO = "operator";

export default function ReplaysSection({ item }: OpsSectionProps) {
  return item === null ? <Runs /> : <OneRun key={item} id={item} />;
}

function Runs() {
  const runs = useRead<{ runs: RunView[] }>(ADDRESS, REFRESH_MS);
  return (
    <>
      <NewRun />
      <section className="card" aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        <Reading of={runs}>
          {({ runs: all }) => (all.length === 0 ? <p className="quiet">None yet.</p> : <RunTable runs={all} />)}
        </Reading>
      </section>
    </>
  );
}

function RunTable({ runs }: { runs: readonly RunView[] }) {
  return (
    <div className="table-scroll">
      <table className="plain-table">
        <thead>
          <tr>
            {["Run", "Days", "Merchants", "State", "Counted", "Who and why"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <a {...linkTo({ kind: "ops", section: "replays", item: String(run.id) })}>{run.id}</a>
              </th>
              <td>
                {run.from} – {run.to}
              </td>
              <td>{run.merchants?.join(", ") ?? "all"}</td>
              <td>
                {run.kind} · {words(run.state)}
              </td>
              <td>
                {run.units.done} of {run.units.total}
              </td>
              <td>
                {run.who}: {run.why}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewRun() {
  const { busy, problem, act } = useAct();
  const begin = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => textIn(fields, name);
    const ids = text("merchants")
      .split(/[\s,]+/)
      .filter((id) => id !== "");
    const body = {
      ...(ids.length === 0 ? { all: true } : { merchants: ids }),
      from: text("from"),
      to: text("to"),
      who: WHO,
      why: text("why"),
      preview: true,
    };
    void act(async () => {
      const run = await send<RunView>("POST", ADDRESS, body);
      goTo({ kind: "ops", section: "replays", item: String(run.id) });
    });
  };
  return (
    <section className="card" aria-labelledby="run-new">
      <h2 id="run-new">Count days again</h2>
      <p>The result rests beside what readers see until it is applied.</p>
      <form className="form" onSubmit={begin}>
        <label>
          Merchants (empty: all)
          <input name="merchants" placeholder="m_demo" />
        </label>
        <label>
          From
          <input name="from" type="date" required />
        </label>
        <label>
          To
          <input name="to" type="date" required />
        </label>
        <label>
          Why
          <input name="why" required maxLength={500} />
        </label>
        <button type="submit" className="button button-primary" disabled={busy}>
          Count and show the difference
        </button>
        <Refused problem={problem} />
      </form>
    </section>
  );
}

function OneRun({ id }: { id: string }) {
  const address = `${ADDRESS}/${encodeURIComponent(id)}`;
  const { busy, problem, act } = useAct();
  const [looking, setLooking] = useState(true);
  const run = useRead<RunView>(address, looking ? LOOK_EVERY_MS : 0);
  const counted = run.data !== undefined && run.data.finished_at !== null;
  if (looking && counted) setLooking(false);
  const change = async (way: "apply" | "rollback" | "cancel"): Promise<void> => {
    await act(() => send("POST", `${address}/${way}`, { who: WHO }));
    pastHasChanged();
    await run.mutate();
  };
  return (
    <>
      <p>
        <a {...linkTo({ kind: "ops", section: "replays", item: null })}>← All runs</a>
      </p>
      <Reading of={run}>
        {(present) => (
          <>
            <section className="card" aria-labelledby="run">
              <h2 id="run">
                Run {present.id}: {present.merchants?.join(", ") ?? "all merchants"}, {present.from} to {present.to}
              </h2>
              <p className="quiet">
                {present.who}: {present.why}
              </p>
              <RunProgress run={present} />
              {present.kind === "replay" ? (
                <RunButtons run={present} busy={busy} onChange={(way) => void change(way)} />
              ) : null}
              <Refused problem={problem} />
            </section>
            {counted ? (
              <section className="card" aria-labelledby="run-difference">
                <h2 id="run-difference">What differs</h2>
                <RunDifference address={`${address}/diff?limit=100`} />
              </section>
            ) : null}
          </>
        )}
      </Reading>
    </>
  );
}

interface RunButtonsProps {
  run: RunView;
  busy: boolean;
  onChange: (way: "apply" | "rollback" | "cancel") => void;
}

function RunButtons({ run, busy, onChange }: RunButtonsProps) {
  if (run.finished_at === null)
    return (
      <div className="button-row">
        <button type="button" className="button" disabled={busy} onClick={() => onChange("cancel")}>
          Count no further
        </button>
      </div>
    );
  const applied = run.applied_at !== null && run.rolled_back_at === null;
  return (
    <div className="button-row">
      {applied ? (
        <button type="button" className="button" disabled={busy} onClick={() => onChange("rollback")}>
          Roll back
        </button>
      ) : (
        <button type="button" className="button button-primary" disabled={busy} onClick={() => onChange("apply")}>
          Apply
        </button>
      )}
    </div>
  );
}
