// The button that opens the menu of pages.

import { lazy, Suspense } from "react";
import { useOverlay } from "./use-overlay.ts";

const loadMenu = () => import("./menu.tsx");
const PageMenu = lazy(loadMenu);

export function MenuButton() {
  const { button, used, overlay } = useOverlay(loadMenu);
  return (
    <>
      <button type="button" className="button button-round" aria-label="Menu" {...button}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </button>
      {used ? (
        <Suspense fallback={null}>
          <PageMenu overlay={overlay} />
        </Suspense>
      ) : null}
    </>
  );
}
