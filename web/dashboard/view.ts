// What the page shows, as its address says it: merchant, range, comparison, the chart's metric and the open tabs.
// The address is the only place where this is kept, so a copied link, a reload and the back button all show the same.
// What an address leaves out or gets wrong is the default; defaults are left out when it is written.

import { isHeadlineMetric, type HeadlineMetric } from "./metrics.ts";
import { formatRange, parseRange, preset, type Range } from "./range.ts";

export interface View {
  merchant: string | null;
  range: Range;
  compare: boolean;
  metric: HeadlineMetric;
  /** Panel → open tab, where it is not the panel's first. */
  tabs: Readonly<Record<string, string>>;
}

export const DEFAULT_VIEW: View = {
  merchant: null,
  range: preset("7d"),
  compare: true,
  metric: "net_revenue",
  tabs: {},
};

const TAB_PREFIX = "tab.";

export const parseView = (search: string): View => {
  const parameters = new URLSearchParams(search);
  const metric = parameters.get("metric") ?? "";
  const tabs: Record<string, string> = {};
  for (const [name, value] of parameters) if (name.startsWith(TAB_PREFIX)) tabs[name.slice(TAB_PREFIX.length)] = value;
  return {
    merchant: parameters.get("merchant") || null,
    range: parseRange(parameters.get("range") ?? "") ?? DEFAULT_VIEW.range,
    compare: parameters.get("compare") !== "none",
    metric: isHeadlineMetric(metric) ? metric : DEFAULT_VIEW.metric,
    tabs,
  };
};

/** "" for the default view, else with its "?". */
export const formatView = (view: View): string => {
  const parameters = new URLSearchParams();
  if (view.merchant !== null) parameters.set("merchant", view.merchant);
  const range = formatRange(view.range);
  if (range !== formatRange(DEFAULT_VIEW.range)) parameters.set("range", range);
  if (!view.compare) parameters.set("compare", "none");
  if (view.metric !== DEFAULT_VIEW.metric) parameters.set("metric", view.metric);
  for (const [panel, tab] of Object.entries(view.tabs)) parameters.set(TAB_PREFIX + panel, tab);
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
};

/** The open tabs after opening one; a panel's first is not written into the address. */
export const withTab = (tabs: View["tabs"], panel: string, tab: string, first: string): View["tabs"] => {
  const others = Object.fromEntries(Object.entries(tabs).filter(([name]) => name !== panel));
  return tab === first ? others : { ...others, [panel]: tab };
};
