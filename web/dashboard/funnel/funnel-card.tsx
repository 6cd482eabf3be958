// How far visits come in the shop: each step needs the one before, and what is between two of them has left.

import type { CSSProperties } from "react";
import useSWR from "swr";
import type { FunnelRow } from "../../../core/funnel-answer.ts";
import { type ApiProblem, send } from "../api.ts";
import { filterBody } from "../filters.ts";
import type { Format } from "../format.ts";
import type { Scope } from "../questions.ts";
import { SkeletonRows } from "../skeleton.tsx";
import "../styles/funnel.css";

const REFRESH_MS = 60_000;

interface FunnelAnswer {
  results: FunnelRow[];
  meta: { stale: string | null };
}

export default function FunnelCard({ scope, format }: { scope: Scope; format: Format }) {
  const { merchant, period, filters } = scope;
  const body = {
    merchant,
    date_range: [period.from, period.to],
    preset: "shop",
    ...(filters.length === 0 ? {} : { filters: filterBody(filters) }),
  };
  const { data, error, isLoading } = useSWR<FunnelAnswer, ApiProblem>(
    { funnel: body },
    () => send<FunnelAnswer>("POST", "/api/v1/funnel", body),
    { keepPreviousData: true, refreshInterval: period.open ? REFRESH_MS : 0, revalidateOnFocus: false },
  );
  return (
    <section className="card funnel-card" aria-labelledby="funnel-title">
      <header className="panel-head">
        <h2 id="funnel-title">From visit to order</h2>
      </header>
      {data === undefined ? (
        error === undefined ? (
          <SkeletonRows rows={5} />
        ) : (
          <p className="quiet">{error.message}</p>
        )
      ) : (
        <Steps rows={data.results} stale={data.meta.stale} format={format} waiting={isLoading} />
      )}
      {data?.meta.stale == null ? null : <p className="quiet">{data.meta.stale}</p>}
    </section>
  );
}

interface StepsProps {
  rows: readonly FunnelRow[];
  /** What may be missing: then nothing is said of what is not there. */
  stale: string | null;
  format: Format;
  waiting: boolean;
}

function Steps({ rows, stale, format, waiting }: StepsProps) {
  const [first, ...rest] = rows;
  if (first === undefined || first.visits === 0)
    return stale === null ? <p className="quiet">No visits in these dates.</p> : null;
  if (rest.every(({ visits }) => visits === 0))
    return (
      <p className="quiet">
        No visit looked at a product. Tell the script of view_item, add_to_cart, begin_checkout and purchase to see
        where visits end.
      </p>
    );
  return (
    <ol className="funnel" aria-busy={waiting}>
      {rows.map((row, index) => (
        <li key={row.name}>
          <span className="funnel-bar" style={lengthOf(row)} aria-hidden="true" />
          <span className="funnel-step">
            <span className="funnel-name">{row.name}</span>
            <strong>{format.value("count", row.visits)}</strong>
            <span className="funnel-share">
              {row.share === null ? "–" : format.value("percent", row.share)}
              {index === 0 ? " of visits" : ""}
            </span>
            {index === 0 ? null : (
              <span className="funnel-lost">
                {format.value("count", row.dropped)} left
                {row.share_of_previous === null ? "" : `, ${format.value("percent", row.share_of_previous)} went on`}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Of bars that stand, and on a phone lie: none is so short that it cannot be seen. */
const lengthOf = ({ share }: FunnelRow): CSSProperties =>
  ({ "--share": `${Math.max(1, share ?? 0)}%` }) as CSSProperties;
