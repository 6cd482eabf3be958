// What happens in a shop right now: who is here and where, the last half hour by minute, orders as they come, and how the day
// goes so far. Everything comes by itself, over the live view's sockets.

import type { ListedMerchant } from "../../../core/merchant-list.ts";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import type { LiveSnapshot } from "../../../core/messages.ts";
import { METRICS, type Metric } from "../../../core/metrics.ts";
import { figuresOf } from "../answers.ts";
import { Brand } from "../brand.tsx";
import { type Format, makeFormat } from "../format.ts";
import { readersLocale } from "../locale.ts";
import { MenuButton } from "../menu-button.tsx";
import { MinuteBars } from "../minute-bars.tsx";
import { dayQuestion } from "../questions.ts";
import { periodOf, preset } from "../range.ts";
import { SkeletonRows } from "../skeleton.tsx";
import "../styles/now.css";
import "../styles/sub-page.css";
import { useAnswer } from "../use-answer.ts";
import { useLive } from "../use-live.ts";
import { useOrderRefresh } from "../use-order-refresh.ts";
import { linkTo } from "../use-page.ts";
import { useToday } from "../use-today.ts";
import { OrderLog } from "./order-log.tsx";
import { type LiveOrder, withOrders } from "./order-stream.ts";

const NowMap = lazy(() => import("./now-map.tsx"));

const TODAY = ["net_revenue", "orders"] as const satisfies readonly Metric[];
const COUNTRIES = 8;
const MARKED_MS = 30 * 60_000;

export default function NowPage({ merchant }: { merchant: ListedMerchant }) {
  const { id, name, zone, currency, shards } = merchant;
  const format = useMemo(() => makeFormat(readersLocale(navigator.languages), currency, zone), [currency, zone]);
  const { status, snapshot } = useLive(id, shards);
  const orders = useOrders(snapshot);
  useOrderRefresh(snapshot);
  useEffect(() => {
    document.title = `Right now · ${name} · Countinghouse`;
  }, [name]);
  return (
    <>
      <header className="top-bar top-bar-short">
        <Brand />
        <span className="merchant-name">{name}</span>
        <div className="top-bar-end">
          <a className="button" {...linkTo({ kind: "numbers" })}>
            ← Numbers
          </a>
          <MenuButton />
        </div>
      </header>
      <main className="page now" aria-busy={snapshot === null}>
        <header className="now-head">
          <h1>Right now</h1>
          <span className="live-status" data-status={status} role="status">
            {status === "live" ? "Live" : "Connecting …"}
          </span>
        </header>
        <Figures merchant={merchant} snapshot={snapshot} format={format} />
        <section className="card now-minutes" aria-labelledby="minutes-title">
          <h2 id="minutes-title">Visitors by minute</h2>
          <MinuteBars minutes={snapshot?.minutes ?? []} format={format} />
          <p className="quiet">The last 30 minutes; minutes with orders stand out. The last one is not over yet.</p>
        </section>
        <div className="now-columns">
          <Places snapshot={snapshot} orders={orders} format={format} />
          <section className="card" aria-labelledby="orders-title">
            <h2 id="orders-title">Orders as they come</h2>
            {snapshot === null ? (
              <SkeletonRows rows={8} />
            ) : (
              <OrderLog orders={orders} nowMs={snapshot.atMs} format={format} />
            )}
          </section>
        </div>
      </main>
    </>
  );
}

/** All that were told of since the page is open. */
function useOrders(snapshot: LiveSnapshot | null): readonly LiveOrder[] {
  const [orders, setOrders] = useState<readonly LiveOrder[]>([]);
  const next = snapshot === null ? orders : withOrders(orders, snapshot.orders);
  if (next !== orders) setOrders(next);
  return next;
}

interface PartProps {
  snapshot: LiveSnapshot | null;
  format: Format;
}

function Figures({ merchant: { id, zone }, snapshot, format }: PartProps & { merchant: ListedMerchant }) {
  const today = useToday(zone);
  const { answered } = useAnswer(
    useMemo(() => ({ body: dayQuestion(id, today, TODAY), period: periodOf(preset("today"), today) }), [id, today]),
  );
  const sum = (name: "pageviews" | "orders"): number | null =>
    snapshot?.minutes.reduce((total, minute) => total + minute[name], 0) ?? null;
  const day = answered === undefined ? [] : figuresOf(TODAY, answered.answer.results[0]);
  const figures: [string, number | null, Metric][] = [
    ["Visitors in the last 5 minutes", snapshot?.visitorsNow ?? null, "visitors"],
    ["Pageviews in 30 minutes", sum("pageviews"), "pageviews"],
    ["Orders in 30 minutes", sum("orders"), "orders"],
    ["Orders today", day[1]?.now ?? null, "orders"],
    ["Net revenue today", day[0]?.now ?? null, "net_revenue"],
  ];
  return (
    <dl className="card now-figures">
      {figures.map(([label, value, metric]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value === null ? "–" : format.value(METRICS[metric].kind, value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Places({ snapshot, orders, format }: PartProps & { orders: readonly LiveOrder[] }) {
  const atMs = snapshot?.atMs ?? 0;
  const marked = useMemo(() => orders.filter((order) => order.atMs > atMs - MARKED_MS), [orders, atMs]);
  const countries = snapshot?.countries ?? NOWHERE;
  return (
    <section className="card now-places" aria-labelledby="places-title">
      <h2 id="places-title">Where they are</h2>
      <Suspense fallback={<SkeletonRows rows={8} />}>
        <NowMap countries={countries} orders={marked} format={format} />
      </Suspense>
      {countries.length === 0 ? (
        <p className="quiet">Nobody in the last 30 minutes.</p>
      ) : (
        <ul className="now-countries" aria-label="Visitors of the last 30 minutes by country">
          {countries.slice(0, COUNTRIES).map(({ country, visitors }) => (
            <li key={country}>
              <span className="row-name">{country === "(not set)" ? "Not set" : format.country(country)}</span>
              <strong>{format.value("count", visitors)}</strong>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const NOWHERE: NonNullable<LiveSnapshot["countries"]> = [];
