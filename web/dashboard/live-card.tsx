// What happens now: visitors of the last minutes, the last half hour by minute, and orders as they come.

import { formatUnits } from "../../core/money.ts";
import type { Format } from "./format.ts";
import type { Live } from "./live.ts";
import { MinuteBars } from "./minute-bars.tsx";
import { SkeletonRows } from "./skeleton.tsx";
import { linkTo } from "./use-page.ts";

const ORDERS = 6;
/** Older orders are shown with their date. */
const RECENT_MS = 12 * 3_600_000;

export interface LiveCardProps {
  live: Live;
  format: Format;
  /** Whether the reader may go to the page that shows more of it. */
  leads: boolean;
}

export function LiveCard({ live, format, leads }: LiveCardProps) {
  const { snapshot, status } = live;
  return (
    <section className="card live" id="live" aria-labelledby="live-title" aria-busy={snapshot === null}>
      <header className="panel-head">
        <h2 id="live-title">
          {leads ? (
            <a className="link-quiet" title="On the map, and every order" {...linkTo({ kind: "now" })}>
              Right now <span aria-hidden="true">⤢</span>
            </a>
          ) : (
            "Right now"
          )}
        </h2>
        <span className="live-status" data-status={status} role="status">
          {status === "live" ? "Live" : "Connecting …"}
        </span>
      </header>
      <div className="live-columns">
        <div className="live-now">
          <p className="live-count">
            <strong>{snapshot === null ? "–" : format.value("count", snapshot.visitorsNow)}</strong>
            <span>visitors in the last 5 minutes</span>
          </p>
          <MinuteBars minutes={snapshot?.minutes ?? []} format={format} />
        </div>
        <div className="live-list">
          <h3>Newest orders</h3>
          {snapshot === null ? (
            <SkeletonRows rows={3} />
          ) : (
            <Orders orders={snapshot.orders.slice(0, ORDERS)} sinceMs={snapshot.atMs - RECENT_MS} format={format} />
          )}
        </div>
        <div className="live-list">
          <h3>Pages being looked at</h3>
          {snapshot === null ? <SkeletonRows rows={3} /> : <Pages pages={snapshot.pages} format={format} />}
        </div>
      </div>
    </section>
  );
}

type Snapshot = NonNullable<Live["snapshot"]>;

function Orders({ orders, sinceMs, format }: { orders: Snapshot["orders"]; sinceMs: number; format: Format }) {
  if (orders.length === 0) return <p className="quiet">None yet. The next one shows up here by itself.</p>;
  return (
    <ul data-testid="live-orders">
      {orders.map(({ atMs, transactionId, gross, currency, country }, index) => (
        <li key={transactionId ?? `${atMs} ${index}`}>
          <span className="live-time">{atMs < sinceMs ? format.dateTime(atMs) : format.time(atMs, false)}</span>
          <span className="row-name">
            {transactionId ?? "Order"}
            {country === null ? "" : ` · ${format.country(country)}`}
          </span>
          <strong>{format.money(Number(formatUnits(gross, currency)), currency)}</strong>
        </li>
      ))}
    </ul>
  );
}

function Pages({ pages, format }: { pages: Snapshot["pages"]; format: Format }) {
  if (pages.length === 0) return <p className="quiet">Nobody in the last five minutes.</p>;
  return (
    <ul>
      {pages.map(({ page, visitors }) => (
        <li key={page}>
          <span className="row-name" title={page}>
            {page}
          </span>
          <strong>{format.value("count", visitors)}</strong>
        </li>
      ))}
    </ul>
  );
}
