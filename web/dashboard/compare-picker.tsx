// What the dates are compared with.

import { ListBoxItem } from "react-aria-components/ListBox";
import { OptionList } from "./option-list.tsx";
import { Overlay } from "./overlay.tsx";
import { COMPARE_LABELS, type Compare, COMPARISONS } from "./range.ts";
import type { OverlayProps } from "./use-overlay.ts";

export default function ComparePicker(props: {
  overlay: OverlayProps;
  compare: Compare;
  onChoose: (compare: Compare) => void;
}) {
  const { overlay, compare, onChoose } = props;
  return (
    <Overlay overlay={overlay} label="Compare with">
      <OptionList
        label="Compare with"
        chosen={compare}
        onChoose={(id) => {
          overlay.onOpenChange(false);
          onChoose(COMPARISONS.find((each) => each === id) ?? compare);
        }}
      >
        {COMPARISONS.map((id) => (
          <ListBoxItem key={id} id={id} className="option" textValue={COMPARE_LABELS[id]}>
            {COMPARE_LABELS[id]}
          </ListBoxItem>
        ))}
      </OptionList>
    </Overlay>
  );
}
