// Keys, and what each number means.

import { METRICS } from "../../core/metrics.ts";
import { OpenDialog } from "./dialog-frame.tsx";
import { HEADLINE } from "./metrics.ts";
import { PRESETS } from "./range.ts";

const KEYS = [
  ...PRESETS.map(({ key, label }) => ({ key, label })),
  { key: "← →", label: "The dates before and after" },
  { key: "F", label: "Add a filter" },
  { key: "X", label: "Compare with the previous period, or not" },
  { key: "/", label: "Search a list: the open one, or the first" },
  { key: "Esc", label: "Close what is open, or take the filters away" },
  { key: "?", label: "This page" },
  { key: "Tab", label: "From one control to the next; Enter presses it" },
  { key: "← →", label: "On the chart: its values. On tabs: the next one" },
];

export default function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <OpenDialog modal="modal" className="help" title="Keys and definitions" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(({ key, label }) => (
          <div key={label}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <dl className="definitions">
        {HEADLINE.map((metric) => (
          <div key={metric}>
            <dt>{METRICS[metric].label}</dt>
            <dd>{METRICS[metric].definition}</dd>
          </div>
        ))}
      </dl>
    </OpenDialog>
  );
}
