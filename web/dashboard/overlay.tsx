// The frame of what hangs on a button: closes on Escape and outside, keeps the focus inside, and gives it back.

import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import "./styles/overlay.css";
import type { OverlayProps } from "./use-overlay.ts";

export function Overlay({ overlay, label, children }: { overlay: OverlayProps; label: string; children: ReactNode }) {
  return (
    <Popover
      className="popover"
      triggerRef={overlay.trigger}
      isOpen={overlay.isOpen}
      onOpenChange={overlay.onOpenChange}
      placement="bottom end"
    >
      <Dialog className="popover-dialog" aria-label={label}>
        {children}
      </Dialog>
    </Popover>
  );
}
