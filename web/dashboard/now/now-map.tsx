// Who is here, on the map: countries by visitors of the last half hour, and a mark where an order came from. Loaded with the
// map's outlines.

import { useMemo } from "react";
import { OUTLINES } from "virtual:world-map";
import type { LiveSnapshot } from "../../../core/messages.ts";
import type { Format } from "../format.ts";
import { shadesOf } from "../map/shades.ts";
import { World } from "../map/world.tsx";
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
  const [first] = countries;
  const label =
    first === undefined
      ? "Map of the world: nobody in the last 30 minutes"
      : `Map of the world: visitors from ${countries.length} countries in the last 30 minutes, most from ${format.country(first.country)}`;
  return (
    <World
      label={label}
      shades={shades}
      captionOf={(code) => `${format.country(code)}: visitors ${format.value("count", visitors.get(code) ?? 0)}`}
      marks={orders.map((order) => {
        const center = CENTERS.get(order.country ?? "");
        return center === undefined ? null : (
          <circle key={keyOf(order)} className="order-mark" cx={center[0]} cy={center[1]} r={MARK_PX} />
        );
      })}
    />
  );
}

const CENTERS = new Map(OUTLINES.map(({ code, center }) => [code, center]));
