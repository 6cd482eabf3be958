// The top lists: which cards there are, their tabs, and which dimension and metrics each tab asks for. The first
// metric orders the list and draws the bars.

import type { ResultRow } from "../../core/answer.ts";
import type { Metric } from "../../core/metrics.ts";
import type { Dimension } from "../../core/rollup.ts";
import { plainName } from "./filters.ts";
import type { Format } from "./format.ts";

export interface Tab {
  id: string;
  label: string;
  dimension: Dimension;
  metrics: readonly [Metric, ...Metric[]];
  /** What one row is, for the table's header. */
  row: string;
  /** Drawn on a map, not listed. */
  map?: true;
}

export interface Panel {
  id: string;
  title: string;
  /** Rows that it has room for. */
  rows: number;
  tabs: readonly [Tab, ...Tab[]];
}

const byVisits = (id: string, label: string, dimension: Dimension, row: string): Tab => ({
  id,
  label,
  dimension,
  metrics: ["visits", "net_revenue"],
  row,
});

export const PANELS: readonly Panel[] = [
  {
    id: "sources",
    title: "Where visits come from",
    rows: 8,
    tabs: [
      byVisits("channels", "Channels", "channel", "Channel"),
      byVisits("sources", "Sources", "source", "Source"),
      byVisits("referrers", "Referrers", "referrer", "Referrer"),
      byVisits("campaigns", "Campaigns", "utm_campaign", "Campaign"),
    ],
  },
  {
    id: "products",
    title: "Products",
    rows: 8,
    tabs: [
      {
        id: "revenue",
        label: "By revenue",
        dimension: "product",
        metrics: ["net_revenue", "units"],
        row: "Product",
      },
      { id: "units", label: "By units", dimension: "product", metrics: ["units", "net_revenue"], row: "Product" },
    ],
  },
  {
    id: "pages",
    title: "Pages",
    rows: 8,
    tabs: [
      { id: "top", label: "Top", dimension: "page", metrics: ["visitors", "pageviews"], row: "Page" },
      byVisits("entry", "Entry", "entry_page", "Entry page"),
      { id: "exit", label: "Exit", dimension: "exit_page", metrics: ["visits", "visitors"], row: "Exit page" },
    ],
  },
  {
    id: "places",
    title: "Places",
    rows: 8,
    tabs: [
      byVisits("countries", "Countries", "country", "Country"),
      { ...byVisits("map", "Map", "country", "Country"), map: true },
      byVisits("regions", "Regions", "region", "Region"),
      byVisits("cities", "Cities", "city", "City"),
    ],
  },
  {
    id: "devices",
    title: "Devices",
    rows: 5,
    tabs: [
      byVisits("devices", "Devices", "device", "Device"),
      byVisits("browsers", "Browsers", "browser", "Browser"),
      byVisits("systems", "Systems", "os", "System"),
    ],
  },
  {
    id: "events",
    title: "Events",
    rows: 5,
    tabs: [{ id: "events", label: "Events", dimension: "event", metrics: ["events", "visitors"], row: "Event" }],
  },
];

/** Codes as names, products by their name; what is not known says so. */
export function rowName(tab: Tab, row: ResultRow, format: Format): string {
  const value = row.dimensions[0] ?? "";
  if (tab.dimension === "country") return format.country(plainName(value));
  return row.label ?? plainName(value);
}

/** The tab of that id, or the panel's first. */
export const tabOf = (panel: Panel, id: string | undefined): Tab =>
  panel.tabs.find((each) => each.id === id) ?? panel.tabs[0];
