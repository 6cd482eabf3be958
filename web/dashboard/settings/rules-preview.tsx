// What rules would make of the past: a run that counts the last days beside the numbers that readers see, what would change,
// and the buttons that apply it and take it back.

import { useState } from "react";
import type { RunView } from "../../../core/replay.ts";
import type { RulesView } from "../../../core/rules-view.ts";
import { pastHasChanged, send } from "../api.ts";
import { addDays } from "../dates.ts";
import { RunDifference } from "../run-difference.tsx";
import { RunProgress } from "../run-progress.tsx";
import { Refused } from "../reading.tsx";
import { useAct } from "../use-act.ts";
import { useRead } from "../use-read.ts";
import { useToday } from "../use-today.ts";
import type { SectionProps } from "./settings-page.tsx";

const DAYS = 30;
const LOOK_EVERY_MS = 1_000;

export function RulesPreview({ merchant, rules }: SectionProps & { rules: () => RulesView }) {
  const today = useToday(merchant.zone);
  const { busy, problem, act } = useAct();
  const [run, setRun] = useState<number | null>(null);
  const address = `/api/v1/merchants/${merchant.id}/rules`;
  const begin = (): void => {
    const body = { rules: rules(), from: addDays(today, -DAYS), to: addDays(today, -1), why: "tried in the settings" };
    void act(async () => setRun((await send<RunView>("POST", `${address}/preview`, body)).id));
  };
  return (
    <section className="card" aria-labelledby="rules-preview">
      <h2 id="rules-preview">Apply to the past {DAYS} days?</h2>
      <p>
        Counts those days by the rules above, saved or not, and shows what would change. Nobody sees it before you apply
        it.
      </p>
      <div className="button-row">
        <button type="button" className="button" disabled={busy} onClick={begin}>
          {run === null ? "Look first" : "Look again"}
        </button>
      </div>
      <Refused problem={problem} />
      {run === null ? null : <PreviewRun key={run} address={`${address}/runs/${run}`} />}
    </section>
  );
}

function PreviewRun({ address }: { address: string }) {
  const { busy, problem, act } = useAct();
  const [looking, setLooking] = useState(true);
  const run = useRead<RunView>(address, looking ? LOOK_EVERY_MS : 0);
  const counted = run.data !== undefined && run.data.finished_at !== null;
  if (looking && counted) setLooking(false);
  const change = async (way: "apply" | "rollback"): Promise<void> => {
    await act(() => send("POST", `${address}/${way}`, {}));
    pastHasChanged();
    await run.mutate();
  };
  if (run.data === undefined) return <Refused problem={run.error?.message ?? null} />;
  const applied = run.data.applied_at !== null && run.data.rolled_back_at === null;
  return (
    <>
      <RunProgress run={run.data} />
      {counted ? <RunDifference address={`${address}/diff?limit=50`} /> : null}
      {counted ? (
        <div className="button-row">
          {applied ? (
            <button type="button" className="button" disabled={busy} onClick={() => void change("rollback")}>
              Take it back
            </button>
          ) : (
            <button
              type="button"
              className="button button-primary"
              disabled={busy || run.data.rolled_back_at !== null}
              onClick={() => void change("apply")}
            >
              Apply
            </button>
          )}
        </div>
      ) : null}
      <Refused problem={problem} />
    </>
  );
}
