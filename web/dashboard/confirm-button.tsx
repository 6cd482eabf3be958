// A button for what cannot be undone: it asks first, and shows in the same place what the server said against it.

import { type ReactNode, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Refused } from "./reading.tsx";
import "./styles/overlay.css";
import { useAct } from "./use-act.ts";

export interface ConfirmButtonProps {
  /** What stands on the button, and on the one that confirms. */
  label: string;
  /** Told to screen readers where several buttons say the same. */
  name?: string;
  title: string;
  /** What will happen. */
  children: ReactNode;
  onConfirm: () => Promise<unknown>;
}

export function ConfirmButton({ label, name = label, title, children, onConfirm }: ConfirmButtonProps) {
  const [open, setOpen] = useState(false);
  const { busy, problem, act } = useAct();
  const confirm = async (): Promise<void> => {
    if (await act(onConfirm)) setOpen(false);
  };
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button className="link" aria-label={name}>
        {label}
      </Button>
      <ModalOverlay className="modal-overlay" isDismissable={!busy}>
        <Modal className="modal modal-small">
          <Dialog role="alertdialog" className="help">
            <Heading slot="title">{title}</Heading>
            <div>{children}</div>
            <Refused problem={problem} />
            <div className="button-row">
              <Button className="button button-danger" isPending={busy} onPress={() => void confirm()}>
                {label}
              </Button>
              <Button className="button" slot="close">
                Cancel
              </Button>
            </div>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
