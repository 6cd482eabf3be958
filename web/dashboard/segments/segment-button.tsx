// The button that saves the present filters as a segment.

import { lazy, Suspense } from "react";
import { useOverlay } from "../use-overlay.ts";
import type { SegmentSaverProps } from "./segment-saver.tsx";

const loadSaver = () => import("./segment-saver.tsx");
const SegmentSaver = lazy(loadSaver);

export function SegmentButton(props: Omit<SegmentSaverProps, "overlay">) {
  const { button, used, overlay } = useOverlay(loadSaver);
  return (
    <>
      <button type="button" className="link" {...button}>
        Save as a segment
      </button>
      {used ? (
        <Suspense fallback={null}>
          <SegmentSaver overlay={overlay} {...props} />
        </Suspense>
      ) : null}
    </>
  );
}
