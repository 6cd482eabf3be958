// One of several to choose from, in what hangs on a button: the arrow keys and first letters find one, Enter or a press takes it.

import type { ReactNode } from "react";
import { ListBox } from "react-aria-components/ListBox";

export interface OptionListProps {
  label: string;
  /** Null: none of them. */
  chosen: string | null;
  /** Null where the chosen one was chosen again. */
  onChoose: (id: string | null) => void;
  /** `ListBoxItem`s of the class "option". */
  children: ReactNode;
}

export const OptionList = ({ label, chosen, onChoose, children }: OptionListProps) => (
  <ListBox
    className="options"
    aria-label={label}
    autoFocus
    selectionMode="single"
    escapeKeyBehavior="none"
    selectedKeys={chosen === null ? [] : [chosen]}
    onSelectionChange={(keys) => {
      const [id] = keys;
      onChoose(typeof id === "string" ? id : null);
    }}
  >
    {children}
  </ListBox>
);
