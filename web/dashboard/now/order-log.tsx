// The stream of orders, newest first: read out as they come, politely.

import { formatUnits } from "../../../core/money.ts";
import type { Format } from "../format.ts";
import { keyOf, type LiveOrder } from "./order-stream.ts";

const RECENT_MS = 12 * 3_600_000;

export interface OrderLogProps {
  orders: readonly LiveOrder[];
  nowMs: number;
  format: Format;
}

export function OrderLog({ orders, nowMs, format }: OrderLogProps) {
  return (
    <div className="order-log" role="log" aria-live="polite" aria-labelledby="orders-title" tabIndex={0}>
      {orders.length === 0 ? (
        <p className="quiet">None yet. The next one shows up here by itself.</p>
      ) : (
        <ol>
          {orders.map((order) => (
            <Order key={keyOf(order)} order={order} isOld={order.atMs < nowMs - RECENT_MS} format={format} />
          ))}
        </ol>
      )}
    </div>
  );
}

function Order({ order, isOld, format }: { order: LiveOrder; isOld: boolean; format: Format }) {
  const { atMs, transactionId, gross, currency, country } = order;
  return (
    <li>
      <time className="live-time" dateTime={new Date(atMs).toISOString()}>
        {isOld ? format.dateTime(atMs) : format.time(atMs, true)}
      </time>
      <span className="row-name">
        {country === null ? "" : `${format.country(country)} `}
        <span className="quiet">{transactionId ?? "Order"}</span>
      </span>
      <strong>{format.money(Number(formatUnits(gross, currency)), currency)}</strong>
    </li>
  );
}
