// One merchant's page: its state, its keys, and where everything stands.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { figuresOf } from "./answers.ts";
import { ADD_FILTER, FilterBar } from "./filter-bar.tsx";
import { toggled } from "./filters.ts";
import { makeFormat } from "./format.ts";
import { InView } from "./in-view.tsx";
import { readersLocale } from "./locale.ts";
import { LiveCard } from "./live-card.tsx";
import { HEADLINE } from "./metrics.ts";
import { Notice } from "./notice.tsx";
import { Overview, Warnings } from "./overview.tsx";
import { PanelCard } from "./panel-card.tsx";
import { PANELS } from "./panels.ts";
import { periodOf, preset, PRESETS, stepped } from "./range.ts";
import { TopBar } from "./top-bar.tsx";
import { useFirstEvent, useIsEmpty } from "./use-first-event.ts";
import { useKeys } from "./use-keys.ts";
import { useLive } from "./use-live.ts";
import { useNumbers } from "./use-numbers.ts";
import { useOrderRefresh } from "./use-order-refresh.ts";
import { usePrefetch } from "./use-prefetch.ts";
import { useToday } from "./use-today.ts";
import type { ChangeView } from "./use-view.ts";
import { type View, withTab } from "./view.ts";

const DetailDialog = lazy(() => import("./detail-dialog.tsx"));
const FunnelCard = lazy(() => import("./funnel/funnel-card.tsx"));
const WeekCard = lazy(() => import("./week/week-card.tsx"));
const Empty = lazy(() => import("./empty.tsx"));
const HelpDialog = lazy(() => import("./help-dialog.tsx"));

export interface DashboardProps {
  merchant: ListedMerchant;
  merchants: readonly ListedMerchant[];
  view: View;
  change: ChangeView;
  onChooseMerchant: (id: string) => void;
  /** Whose it is, for those who look through a shared link: they do nothing but look. */
  sharedBy?: string;
}

export function Dashboard({ merchant, merchants, view, change, onChooseMerchant, sharedBy }: DashboardProps) {
  const { id, zone, currency } = merchant;
  const { range, compare, filters, interval } = view;
  const today = useToday(zone);
  const period = useMemo(() => periodOf(range, today, interval), [range, today, interval]);
  const scope = useMemo(() => ({ merchant: id, period, filters }), [id, period, filters]);
  const format = useMemo(() => makeFormat(readersLocale(navigator.languages), currency, zone), [currency, zone]);
  const live = useLive(id, merchant.shards);
  const numbers = useNumbers(scope, compare);
  const { answered, waiting } = numbers.overview;
  const figures = useMemo(
    () => (answered === undefined ? null : figuresOf(HEADLINE, answered.answer.meta.totals)),
    [answered],
  );
  const empty = useIsEmpty(id, today, waiting || filters.length > 0 ? null : figures, live.snapshot);
  const [helping, setHelping] = useState(false);
  // Whoever asks for the search wants to write at once.
  const [searching, setSearching] = useState(false);
  const arrived = useFirstEvent(empty);
  const settled = answered !== undefined && !waiting;
  const askAhead = usePrefetch({ merchant: id, view, today, settled });
  const detailed = PANELS.find((panel) => panel.id === view.detail);
  const help = () => setHelping(true);

  useOrderRefresh(live.snapshot);
  usePageKeys({ change, view, today, setHelping, setSearching });
  useEffect(() => {
    document.title = `${merchant.name} · Countinghouse`;
  }, [merchant.name]);

  return (
    <>
      <TopBar
        {...{ merchant, merchants, live, range, period, today, compare, format, onChooseMerchant, sharedBy }}
        onNearRange={askAhead}
        onChooseRange={(next) => change({ range: next })}
        onCompare={(next) => change({ compare: next })}
        onHelp={help}
      />
      <main className="page">
        <h1 className="visually-hidden">{merchant.name}</h1>
        <FilterBar
          {...{ merchant, period, filters, format }}
          isShared={sharedBy !== undefined}
          onChange={(next) => change({ filters: next })}
        />
        <Warnings numbers={numbers} format={format} />
        {arrived ? (
          <Notice kind="good" title="✓ The first event has arrived">
            The script works. Everything that happens in the shop is counted from now on.
          </Notice>
        ) : null}
        {empty && sharedBy !== undefined ? (
          <Notice kind="note" title="No numbers yet">
            They appear here as soon as somebody visits the shop.
          </Notice>
        ) : empty ? (
          <Suspense fallback={<div className="card skeleton-page" />}>
            <Empty merchant={id} />
          </Suspense>
        ) : (
          <>
            <Overview {...{ merchant, numbers, figures, period, view, format, change }} />
            <InView minHeightPx={290}>
              <FunnelCard scope={scope} format={format} />
            </InView>
            <LiveCard live={live} format={format} leads={sharedBy === undefined} />
            <div className="panels">
              {PANELS.map((panel) => (
                <PanelCard
                  key={panel.id}
                  {...{ panel, scope, format }}
                  open={view.tabs[panel.id]}
                  onDetail={() => change({ detail: panel.id })}
                  onFilter={(field, value) => change({ filters: toggled(filters, field, value) })}
                  onOpen={(tab) => change({ tabs: withTab(view.tabs, panel.id, tab, panel.tabs[0].id) })}
                />
              ))}
              <InView minHeightPx={262}>
                <WeekCard scope={scope} format={format} />
              </InView>
            </div>
          </>
        )}
      </main>
      {detailed === undefined ? null : (
        <Suspense fallback={null}>
          <DetailDialog
            panel={detailed}
            open={view.tabs[detailed.id]}
            {...{ scope, format, searching }}
            onOpen={(tab) => change({ tabs: withTab(view.tabs, detailed.id, tab, detailed.tabs[0].id) })}
            onFilter={(field, value) => change({ filters: toggled(filters, field, value), detail: null })}
            onClose={() => {
              setSearching(false);
              change({ detail: null });
            }}
          />
        </Suspense>
      )}
      {helping ? (
        <Suspense fallback={null}>
          <HelpDialog onClose={() => setHelping(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

interface PageKeys {
  change: ChangeView;
  view: View;
  today: string;
  setHelping: (helping: boolean) => void;
  setSearching: (searching: boolean) => void;
}

function usePageKeys({ change, view, today, setHelping, setSearching }: PageKeys): void {
  useKeys(
    useMemo(() => {
      const { compare, range, filters } = view;
      const step = (direction: -1 | 1) => () => change({ range: stepped(range, today, direction) });
      return {
        ...Object.fromEntries(PRESETS.map(({ id, key }) => [key, () => change({ range: preset(id) })])),
        X: () => change({ compare: compare === "none" ? "previous" : "none" }),
        F: () => document.getElementById(ADD_FILTER)?.click(),
        ARROWLEFT: step(-1),
        ARROWRIGHT: step(1),
        "/": () => {
          setSearching(true);
          change({ detail: PANELS[0]!.id });
        },
        "?": () => setHelping(true),
        ...(filters.length === 0 ? {} : { ESCAPE: () => change({ filters: [] }) }),
      };
    }, [change, view, today, setHelping, setSearching]),
  );
}
