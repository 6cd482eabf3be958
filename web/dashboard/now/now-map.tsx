// Who is here, on the map: countries by visitors of the last half hour, and a mark where an order came from. Loaded with the
// map's outlines.

import { useMemo, useState } from "react";
import { OUTLINES, SIZE } from "virtual:world-map";
import type { LiveSnapshot } from "../../../core/messages.ts";
import type { Format } from "../format.ts";
import { shadesOf } from "../map/shades.ts";
import "../styles/map.css";
import { keyOf, type LiveOrder } from "./order-stream.ts";

const MARK_PX = 5;

export interface NowMapProps {
  countries: NonNullable<LiveSnapshot["countries"]>;
  /** Those to be marked. */
  orders: readonly LiveOrder[];
  format: Format;
}

export default function NowMap({ countries, orders, format }: NowMapProps) {
  const visitors = useMemo(() => new Map(countries.map((one) => [one.country, one.visitors])), [countries]);
  const shades = useMemo(() => shadesOf(visitors), [visitors]);
  const [pointed, setPointed] = useState<string | null>(null);
  const [first] = countries;
  const label =
    first === undefined
      ? "Map of the world: nobody in the last 30 minutes"
      : `Map of the world: visitors from ${countries.length} countries in the last 30 minutes, most from ${format.country(first.country)}`;
  return (
    <div className="map">
      <svg viewBox={`0 0 ${SIZE[0]} ${SIZE[1]}`} role="img" aria-label={label}>
        {OUTLINES.map(({ code, path }, index) => (
          <path
            key={`${code} ${index}`}
            d={path}
            data-shade={shades.get(code)}
            onPointerEnter={() => setPointed(code)}
            onPointerLeave={() => setPointed(null)}
          />
        ))}
        {orders.map((order) => {
          const center = CENTERS.get(order.country ?? "");
          return center === undefined ? null : (
            <circle key={keyOf(order)} className="order-mark" cx={center[0]} cy={center[1]} r={MARK_PX} />
          );
        })}
      </svg>
      <p className="map-caption">
        {pointed === null || pointed === ""
          ? ""
          : `${format.country(pointed)}: visitors ${format.value("count", visitors.get(pointed) ?? 0)}`}
      </p>
    </div>
  );
}

const CENTERS = new Map(OUTLINES.map(({ code, center }) => [code, center]));
