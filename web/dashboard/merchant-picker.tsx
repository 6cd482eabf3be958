// The list of merchants to choose from; typing finds one by its name.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import { ListBoxItem } from "react-aria-components/ListBox";
import { OptionList } from "./option-list.tsx";
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
      <OptionList
        label="Merchants"
        chosen={chosen}
        onChoose={(id) => {
          overlay.onOpenChange(false);
          if (id !== null) onChoose(id);
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
      </OptionList>
    </Overlay>
  );
}
