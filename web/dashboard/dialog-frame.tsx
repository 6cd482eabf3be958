// What dialogs have in common: a title, a cross that closes them, and, where nothing on the page opens one by itself, the veil over
// the page that closes it too.

import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import "./styles/overlay.css";

export interface DialogFrameProps {
  className: string;
  title: string;
  /** Stands between title and cross. */
  head?: ReactNode;
  children: ReactNode;
}

export const DialogFrame = ({ className, title, head, children }: DialogFrameProps) => (
  <Dialog className={className}>
    <header>
      <Heading slot="title">{title}</Heading>
      {head}
      <Button slot="close" className="button button-round" aria-label="Close">
        ×
      </Button>
    </header>
    {children}
  </Dialog>
);

/** Open as long as it is there. */
export const OpenDialog = ({ modal, onClose, ...frame }: DialogFrameProps & { modal: string; onClose: () => void }) => (
  <ModalOverlay
    className="modal-overlay"
    isOpen
    isDismissable
    onOpenChange={(isOpen) => {
      if (!isOpen) onClose();
    }}
  >
    <Modal className={modal}>
      <DialogFrame {...frame} />
    </Modal>
  </ModalOverlay>
);
