// The bar that stays on top: whose numbers, who is here now, which dates, compared or not, help.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import { type AnchorHTMLAttributes, lazy, Suspense } from "react";
import { Brand } from "./brand.tsx";
import type { Format } from "./format.ts";
import type { Live } from "./live.ts";
import { MenuButton } from "./menu-button.tsx";
import { COMPARE_LABELS, type Compare, type Period, PRESETS, type Range } from "./range.ts";
import { useOverlay } from "./use-overlay.ts";
import { linkTo } from "./use-page.ts";

const loadMerchantPicker = () => import("./merchant-picker.tsx");
const loadRangePicker = () => import("./range-picker.tsx");
const MerchantPicker = lazy(loadMerchantPicker);
const RangePicker = lazy(loadRangePicker);
const loadComparePicker = () => import("./compare-picker.tsx");
const ComparePicker = lazy(loadComparePicker);

export interface TopBarProps {
  merchant: ListedMerchant;
  merchants: readonly ListedMerchant[];
  live: Live;
  range: Range;
  period: Period;
  today: string;
  compare: Compare;
  format: Format;
  onChooseMerchant: (id: string) => void;
  onChooseRange: (range: Range) => void;
  /** Somebody may be about to choose it. */
  onNearRange: (range: Range) => void;
  onCompare: (compare: Compare) => void;
  onHelp: () => void;
  /** Whose it is, for those who look through a shared link: there is nowhere else for them to go. */
  sharedBy: string | undefined;
}

export function TopBar(props: TopBarProps) {
  return (
    <header className="top-bar">
      <Brand />
      <MerchantControl {...props} />
      <VisitorsNow
        live={props.live}
        link={props.sharedBy === undefined ? linkTo({ kind: "now" }) : { href: "#live" }}
      />
      <div className="top-bar-end">
        <RangeControl {...props} />
        <CompareControl {...props} />
        <button type="button" className="button button-round" aria-label="Keys and definitions" onClick={props.onHelp}>
          ?
        </button>
        {props.sharedBy === undefined ? <MenuButton /> : <span className="shared-by">Shared by {props.sharedBy}</span>}
      </div>
    </header>
  );
}

function MerchantControl({ merchant, merchants, onChooseMerchant }: TopBarProps) {
  const { button, used, overlay } = useOverlay(loadMerchantPicker);
  if (merchants.length === 1) return <span className="merchant-name">{merchant.name}</span>;
  return (
    <>
      <button type="button" className="button picker" aria-label={`Merchant: ${merchant.name}`} {...button}>
        {merchant.name}
        <Arrow />
      </button>
      {used ? (
        <Suspense fallback={null}>
          <MerchantPicker overlay={overlay} merchants={merchants} chosen={merchant.id} onChoose={onChooseMerchant} />
        </Suspense>
      ) : null}
    </>
  );
}

function RangeControl({ range, period, today, format, onChooseRange, onNearRange }: TopBarProps) {
  const { button, used, overlay } = useOverlay(loadRangePicker);
  const name =
    range.kind === "dates" ? format.dates(range.from, range.to) : PRESETS.find(({ id }) => id === range.preset)!.label;
  return (
    <>
      <button type="button" className="button picker" aria-label={`Dates: ${name}`} {...button}>
        {name}
        <Arrow />
      </button>
      {used ? (
        <Suspense fallback={null}>
          <RangePicker
            overlay={overlay}
            range={range}
            period={period}
            today={today}
            onChoose={onChooseRange}
            onNear={onNearRange}
          />
        </Suspense>
      ) : null}
    </>
  );
}

function CompareControl({ compare, onCompare }: TopBarProps) {
  const { button, used, overlay } = useOverlay(loadComparePicker);
  return (
    <>
      <button
        type="button"
        className="button picker"
        aria-label={`Compared with: ${COMPARE_LABELS[compare]}`}
        {...button}
      >
        {COMPARE_LABELS[compare]}
        <Arrow />
      </button>
      {used ? (
        <Suspense fallback={null}>
          <ComparePicker overlay={overlay} compare={compare} onChoose={onCompare} />
        </Suspense>
      ) : null}
    </>
  );
}

function VisitorsNow({ live, link }: { live: Live; link: AnchorHTMLAttributes<HTMLAnchorElement> }) {
  const count = live.snapshot?.visitorsNow;
  return (
    <a className="visitors-now" {...link} data-status={live.status}>
      <span className="dot" aria-hidden="true" />
      {count === undefined ? (
        "Connecting …"
      ) : (
        <span>
          <strong data-testid="visitors-now">{count}</strong> {count === 1 ? "visitor" : "visitors"} now
        </span>
      )}
    </a>
  );
}

const Arrow = () => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <path d="m2.5 4.5 3.5 3.5 3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
  </svg>
);
