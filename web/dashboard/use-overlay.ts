// A button that opens something whose code is loaded only then: pickers and explanations. Loading begins when a
// pointer or the focus comes near, so that the press itself rarely waits.

import { type MouseEvent, useMemo, useRef, useState } from "react";

export interface OverlayProps {
  /** What it hangs on. */
  trigger: React.RefObject<HTMLElement | null>;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

export const useOverlay = (preload: () => Promise<unknown>) => {
  const trigger = useRef<HTMLElement>(null);
  const [isOpen, onOpenChange] = useState(false);
  // Once opened it stays mounted, so that closing can return the focus.
  const [used, setUsed] = useState(false);
  const near = useMemo(() => () => void preload().catch(() => undefined), [preload]);
  /** Opens it beside an element, which gets the focus back. */
  const openAt = (element: HTMLElement): void => {
    trigger.current = element;
    setUsed(true);
    onOpenChange(true);
  };
  const button = {
    "aria-haspopup": "dialog" as const,
    "aria-expanded": isOpen,
    onPointerEnter: near,
    onFocus: near,
    onClick: (event: MouseEvent<HTMLElement>) => openAt(event.currentTarget),
  };
  const overlay: OverlayProps = { trigger, isOpen, onOpenChange };
  return { button, used, overlay, openAt };
};
