// The last half hour by minute: visitors as bars, minutes with orders in full color.

import type { Format } from "./format.ts";
import type { LiveSnapshot } from "../../core/messages.ts";

const MINUTES = 30;

export function MinuteBars({ minutes, format }: { minutes: LiveSnapshot["minutes"]; format: Format }) {
  const most = Math.max(1, ...minutes.map(({ visitors }) => visitors));
  const total = minutes.reduce((sum, { pageviews }) => sum + pageviews, 0);
  const missing = Math.max(0, MINUTES - minutes.length);
  return (
    <div
      className="minutes"
      role="img"
      aria-label={`Last ${MINUTES} minutes: ${format.value("count", total)} pageviews, at most ${format.value("count", most)} visitors in a minute.`}
    >
      {Array.from({ length: missing }, (_, index) => (
        <span key={index} className="minute" />
      ))}
      {minutes.map(({ atMs, visitors, pageviews, orders }) => (
        <span
          key={atMs}
          className="minute"
          data-orders={orders > 0 || undefined}
          title={`${format.time(atMs, false)}: ${visitors} visitors, ${pageviews} pageviews, ${orders} orders`}
        >
          <span style={{ blockSize: `${(visitors / most) * 100}%` }} />
        </span>
      ))}
    </div>
  );
}
