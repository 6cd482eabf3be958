// One merchant's page: what is asked for it, and where everything stands.

import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import type { MerchantSummary } from "./api.ts";
import { figuresOf } from "./answers.ts";
import { Chart } from "./chart.tsx";
import { Empty, useIsEmpty } from "./empty.tsx";
import { makeFormat } from "./format.ts";
import { Freshness } from "./freshness.tsx";
import { Headline } from "./headline.tsx";
import { LiveCard } from "./live-card.tsx";
import { HEADLINE } from "./metrics.ts";
import { Notice } from "./notice.tsx";
import { PanelCard } from "./panel-card.tsx";
import { PANELS } from "./panels.ts";
import { headlineQuestion, seriesQuestion } from "./questions.ts";
import { periodOf, preset, PRESETS } from "./range.ts";
import { TopBar } from "./top-bar.tsx";
import { useAnswer } from "./use-answer.ts";
import { useKeys } from "./use-keys.ts";
import { useLive } from "./use-live.ts";
import { useToday } from "./use-today.ts";
import type { ChangeView } from "./use-view.ts";
import type { View } from "./view.ts";

const HelpDialog = lazy(() => import("./help-dialog.tsx"));

export interface DashboardProps {
  merchant: MerchantSummary;
  merchants: readonly MerchantSummary[];
  view: View;
  change: ChangeView;
  onChooseMerchant: (id: string) => void;
}

export function Dashboard({ merchant, merchants, view, change, onChooseMerchant }: DashboardProps) {
  const { id, zone, currency } = merchant;
  const { range, compare, metric } = view;
  const today = useToday(zone);
  const period = useMemo(() => periodOf(range, today), [range, today]);
  const format = useMemo(() => makeFormat(navigator.language, currency, zone), [currency, zone]);
  const live = useLive(id, merchant.shards);
  const [helping, setHelping] = useState(false);

  const headline = useAnswer(
    useMemo(() => ({ body: headlineQuestion(id, period, compare), period }), [id, period, compare]),
  );
  const series = useAnswer(
    useMemo(() => ({ body: seriesQuestion(id, period, compare), period }), [id, period, compare]),
  );
  const figures = headline.answered === undefined ? null : figuresOf(HEADLINE, headline.answered.answer);
  const empty = useIsEmpty(id, today, headline.waiting ? null : figures, live.snapshot);

  useKeys(
    useMemo(
      () => ({
        ...Object.fromEntries(PRESETS.map(({ id: name, key }) => [key, () => change({ range: preset(name) })])),
        X: () => change({ compare: !compare }),
        "?": () => setHelping(true),
      }),
      [change, compare],
    ),
  );
  useEffect(() => {
    document.title = `${merchant.name} · Countinghouse`;
  }, [merchant.name]);

  const stale = headline.answered?.answer.meta.stale ?? null;
  const problem = headline.problem ?? series.problem;
  return (
    <>
      <TopBar
        merchant={merchant}
        merchants={merchants}
        live={live}
        range={range}
        period={period}
        today={today}
        compare={compare}
        format={format}
        onChooseMerchant={onChooseMerchant}
        onChooseRange={(next) => change({ range: next })}
        onCompare={(next) => change({ compare: next })}
        onHelp={() => setHelping(true)}
      />
      <main className="page">
        <h1 className="visually-hidden">{merchant.name}</h1>
        {problem === undefined || problem.kind === "signed-out" ? null : (
          <Notice
            kind="problem"
            title={figures === null ? "The numbers could not be read" : "These numbers are not up to date"}
            onRetry={() => {
              headline.retry();
              series.retry();
            }}
          >
            {problem.message}
          </Notice>
        )}
        {stale === null ? null : (
          <Notice kind="stale" title="Some numbers may be behind">
            {stale} No event is lost meanwhile; the numbers catch up by themselves.
          </Notice>
        )}
        {empty ? (
          <Empty merchant={id} />
        ) : (
          <>
            <section className="card overview" aria-label="Overview">
              <Freshness answered={headline.answered} period={period} format={format} />
              <Headline
                figures={figures}
                waiting={headline.waiting}
                severalDays={period.from !== period.to}
                metric={metric}
                format={format}
                onChoose={(next) => change({ metric: next })}
              />
              <Chart answering={series} metric={metric} format={format} />
            </section>
            <LiveCard live={live} format={format} />
            <div className="panels">
              {PANELS.map((panel) => (
                <PanelCard
                  key={panel.id}
                  panel={panel}
                  open={view.tabs[panel.id]}
                  merchant={id}
                  period={period}
                  format={format}
                  onOpen={(tab) => change({ tabs: withTab(view.tabs, panel.id, tab, panel.tabs[0].id) })}
                />
              ))}
            </div>
          </>
        )}
      </main>
      {helping ? (
        <Suspense fallback={null}>
          <HelpDialog onClose={() => setHelping(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** A panel's first tab is not written into the address. */
function withTab(tabs: View["tabs"], panel: string, tab: string, first: string): View["tabs"] {
  const { [panel]: _, ...others } = tabs;
  return tab === first ? others : { ...others, [panel]: tab };
}
