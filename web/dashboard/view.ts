// What the page shows, as its address says it: merchant, range, comparison, filters, the chart's metric and interval, the
// open tabs and the list that is looked at closely.
// The address is the only place where this is kept, so a copied link, a reload and the back button all show the same.
// What an address leaves out or gets wrong is the default; defaults are left out when it is written.

import { isHeadlineMetric, type HeadlineMetric } from "./metrics.ts";
import { type Filter, formatFilter, parseFilter } from "./filters.ts";
import {
  type Compare,
  COMPARISONS,
  formatRange,
  type Interval,
  INTERVALS,
  parseRange,
  preset,
  type Range,
} from "./range.ts";

export interface View {
  merchant: string | null;
  range: Range;
  compare: Compare;
  filters: readonly Filter[];
  metric: HeadlineMetric;
  /** Null: left to the page. */
  interval: Interval | null;
  /** Panel → open tab, where it is not the panel's first. */
  tabs: Readonly<Record<string, string>>;
  /** The panel whose list is looked at closely. */
  detail: string | null;
}

export const DEFAULT_VIEW: View = {
  merchant: null,
  range: preset("7d"),
  compare: "previous",
  filters: [],
  metric: "net_revenue",
  interval: null,
  tabs: {},
  detail: null,
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
    compare: COMPARISONS.find((each) => each === parameters.get("compare")) ?? DEFAULT_VIEW.compare,
    filters: parameters
      .getAll("f")
      .map(parseFilter)
      .filter((filter) => filter !== null),
    metric: isHeadlineMetric(metric) ? metric : DEFAULT_VIEW.metric,
    interval: INTERVALS.find((each) => each === parameters.get("interval")) ?? null,
    tabs,
    detail: parameters.get("detail") || null,
  };
};

/** "" for the default view, else with its "?". */
export const formatView = (view: View): string => {
  const parameters = new URLSearchParams();
  if (view.merchant !== null) parameters.set("merchant", view.merchant);
  const range = formatRange(view.range);
  if (range !== formatRange(DEFAULT_VIEW.range)) parameters.set("range", range);
  if (view.compare !== DEFAULT_VIEW.compare) parameters.set("compare", view.compare);
  for (const filter of view.filters) parameters.append("f", formatFilter(filter));
  if (view.metric !== DEFAULT_VIEW.metric) parameters.set("metric", view.metric);
  if (view.interval !== null) parameters.set("interval", view.interval);
  if (view.detail !== null) parameters.set("detail", view.detail);
  for (const [panel, tab] of Object.entries(view.tabs)) parameters.set(TAB_PREFIX + panel, tab);
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
};

/** The open tabs after opening one; a panel's first is not written into the address. */
export const withTab = (tabs: View["tabs"], panel: string, tab: string, first: string): View["tabs"] => {
  const others = Object.fromEntries(Object.entries(tabs).filter(([name]) => name !== panel));
  return tab === first ? others : { ...others, [panel]: tab };
};
