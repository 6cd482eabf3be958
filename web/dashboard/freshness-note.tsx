// What "complete" and "live" mean, and whatever else the API says about these numbers.

import type { Meta } from "../../core/answer.ts";
import type { Format } from "./format.ts";
import { readable } from "./freshness-of.ts";
import { Overlay } from "./overlay.tsx";
import type { OverlayProps } from "./use-overlay.ts";

export default function FreshnessNote(props: { overlay: OverlayProps; meta: Meta; format: Format }) {
  const { overlay, meta, format } = props;
  const remarks = [
    ...meta.notes,
    ...(meta.stale === null ? [] : [meta.stale]),
    ...(meta.foreign > 0
      ? [
          `Orders or refunds in a currency other than ${meta.currency}: ${meta.foreign}. They count as orders, but not as money.`,
        ]
      : []),
  ];
  return (
    <Overlay overlay={overlay} label="How fresh these numbers are">
      <div className="note">
        <p>
          <strong>Complete</strong> hours are over: only events that arrive late can still change them.
        </p>
        <p>
          <strong>Live</strong> means that every event accepted until then is counted. Dates that hold today are read
          again every 15 seconds.
        </p>
        <p>
          A comparison reaches no farther into its period than the present one has come, so both are of the same length.
          Days and hours are those of {meta.time_zone}.
        </p>
        {remarks.map((remark) => (
          <p key={remark}>{readable(remark, format)}</p>
        ))}
      </div>
    </Overlay>
  );
}
