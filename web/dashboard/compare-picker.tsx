// What the dates are compared with.

import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
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
      <ListBox
        className="options"
        aria-label="Compare with"
        autoFocus
        selectionMode="single"
        escapeKeyBehavior="none"
        selectedKeys={[compare]}
        onSelectionChange={(keys) => {
          // Empty when the chosen one was chosen again.
          const [id] = keys;
          overlay.onOpenChange(false);
          onChoose(COMPARISONS.find((each) => each === id) ?? compare);
        }}
      >
        {COMPARISONS.map((id) => (
          <ListBoxItem key={id} id={id} className="option" textValue={COMPARE_LABELS[id]}>
            {COMPARE_LABELS[id]}
          </ListBoxItem>
        ))}
      </ListBox>
    </Overlay>
  );
}
