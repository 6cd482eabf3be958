// The countries of the world, as dark as they are shaded, and a line below that says what one points at.

import { type ReactNode, useState } from "react";
import { OUTLINES, SIZE } from "virtual:world-map";
import "../styles/map.css";

export interface WorldProps {
  /** For those who don't see it. */
  label: string;
  shades: ReadonlyMap<string, number>;
  /** Of the country that is pointed at. */
  captionOf: (code: string) => string;
  onPress?: (code: string) => void;
  busy?: boolean;
  /** Drawn over the countries. */
  marks?: ReactNode;
  /** Stands below the caption. */
  children?: ReactNode;
}

export function World({ label, shades, captionOf, onPress, busy, marks, children }: WorldProps) {
  const [pointed, setPointed] = useState<string | null>(null);
  return (
    <div className="map" aria-busy={busy}>
      <svg viewBox={`0 0 ${SIZE[0]} ${SIZE[1]}`} role="img" aria-label={label}>
        {OUTLINES.map(({ code, path }, index) => (
          <path
            key={`${code} ${index}`}
            d={path}
            data-shade={shades.get(code)}
            onPointerEnter={() => setPointed(code)}
            onPointerLeave={() => setPointed(null)}
            onClick={() => onPress?.(code)}
          />
        ))}
        {marks}
      </svg>
      <p className="map-caption">{pointed === null || pointed === "" ? "" : captionOf(pointed)}</p>
      {children}
    </div>
  );
}
