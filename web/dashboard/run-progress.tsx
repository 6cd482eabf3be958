// How far a run is, and what has become of it.

import type { RunView } from "../../core/replay.ts";

export function RunProgress({ run }: { run: RunView }) {
  const { done, failed, total } = run.units;
  return (
    <div role="status">
      <progress max={Math.max(1, total)} value={done + failed} aria-label="Days counted" />
      <p>
        {done} of {total} days counted, {run.rows.toLocaleString()} events read
        {failed === 0 ? "" : `, ${failed} failed`}. {stateOf(run)}
      </p>
      {run.failures.length === 0 ? null : (
        <ul>
          {run.failures.map(({ merchant, date, shard, error }) => (
            <li key={`${merchant} ${date} ${shard}`}>
              {merchant} {date}: {error}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function stateOf({ applied_at: applied, rolled_back_at: rolledBack, finished_at: finished, units }: RunView): string {
  if (rolledBack !== null) return "It was applied, and taken back.";
  if (applied !== null)
    return units.waiting > 0 ? "It is applied; the day that is open follows at its seal." : "It is applied.";
  return finished === null ? "" : "Readers still see the numbers as they were.";
}
