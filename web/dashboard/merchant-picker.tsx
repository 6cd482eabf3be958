// The list of merchants to choose from; typing finds one by its name.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Overlay } from "./overlay.tsx";
import type { OverlayProps } from "./use-overlay.ts";

export default function MerchantPicker(props: {
  overlay: OverlayProps;
  merchants: readonly ListedMerchant[];
  chosen: string;
  onChoose: (id: string) => void;
}) {
  const { overlay, merchants, chosen, onChoose } = props;
  return (
    <Overlay overlay={overlay} label="Choose a merchant">
      <ListBox
        className="options"
        aria-label="Merchants"
        autoFocus
        selectionMode="single"
        escapeKeyBehavior="none"
        selectedKeys={[chosen]}
        onSelectionChange={(keys) => {
          // Empty when the chosen one was chosen again.
          const [id] = keys;
          overlay.onOpenChange(false);
          if (typeof id === "string") onChoose(id);
        }}
      >
        {merchants.map(({ id, name, currency, zone }) => (
          <ListBoxItem key={id} id={id} className="option" textValue={name}>
            <span>{name}</span>
            <small>
              {currency} · {zone.replaceAll("_", " ")}
            </small>
          </ListBoxItem>
        ))}
      </ListBox>
    </Overlay>
  );
}
