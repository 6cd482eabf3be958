// What wants a look, and how the merchants with traffic stand.

import type { MerchantStanding, Standing } from "../../../core/standing.ts";
import { Notice } from "../notice.tsx";
import { Reading } from "../reading.tsx";
import { useRead } from "../use-read.ts";
import { linkTo } from "../use-page.ts";

const REFRESH_MS = 10_000;

export default function StatusSection() {
  return (
    <Reading of={useRead<Standing>("/api/ops/status", REFRESH_MS)}>{(standing) => <Shown data={standing} />}</Reading>
  );
}

function Shown({ data }: { data: Standing }) {
  const { days, dead_letters: letters, runs_under_way: runs } = data;
  return (
    <>
      {letters + days.unproven + days.open === 0 ? (
        <Notice kind="good" title="✓ Nothing wants a look">
          No dead letters, and every day that is over is sealed and proven.
        </Notice>
      ) : null}
      <dl className="tiles">
        <Tile name="Dead letters" value={letters} bad={letters > 0} />
        <Tile name="Days not sealed in time" value={days.open} bad={days.open > 0} />
        <Tile name="Days not proven" value={days.unproven} bad={days.unproven > 0} />
        <Tile name="Days with late events" value={days.stale} bad={false} />
        <Tile name="Runs under way" value={runs.length} bad={false} />
      </dl>
      <section className="card" aria-labelledby="status-merchants">
        <h2 id="status-merchants">Merchants with traffic lately</h2>
        {data.merchants.length === 0 ? (
          <p className="quiet">None since yesterday.</p>
        ) : (
          <Merchants merchants={data.merchants} />
        )}
      </section>
      {runs.length === 0 ? null : (
        <p>
          Under way:{" "}
          {runs.map((run) => (
            <a key={run} {...linkTo({ kind: "ops", section: "replays", item: String(run) })}>
              run {run}
            </a>
          ))}
        </p>
      )}
    </>
  );
}

function Tile({ name, value, bad }: { name: string; value: number; bad: boolean }) {
  return (
    <div className="tile" data-bad={bad || undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Merchants({ merchants }: { merchants: readonly MerchantStanding[] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Merchants">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Merchant</th>
            <th scope="col">Published</th>
            {["Not in R2", "Hours waiting", "Live visits"].map((name) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
            <th scope="col">Days that want a look</th>
          </tr>
        </thead>
        <tbody>
          {merchants.map((one) => (
            <MerchantRow key={one.merchant} one={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MerchantRow({ one }: { one: MerchantStanding }) {
  const { merchant, published_at: published, shards, unsettled } = one;
  const sum = (of: (shard: NonNullable<typeof shards>[number]) => number): string =>
    shards === null ? "?" : String(shards.reduce((total, shard) => total + of(shard), 0));
  return (
    <tr>
      <th scope="row">{merchant}</th>
      <td>{published === null ? "–" : new Date(published).toLocaleString()}</td>
      <td className="number">{sum(({ unarchivedEvents }) => unarchivedEvents)}</td>
      <td className="number">{sum(({ unpublishedHours }) => unpublishedHours)}</td>
      <td className="number">{sum(({ liveVisits }) => liveVisits)}</td>
      <td>{unsettled.map(({ date, state }) => `${date} ${state}`).join(", ") || "–"}</td>
    </tr>
  );
}
