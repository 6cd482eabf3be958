// The top lists: which cards there are, their tabs, and which dimension and metrics each tab asks for. The first
// metric orders the list and draws the bars.

import type { ResultRow } from "../../core/answer.ts";
import type { Metric } from "../../core/metrics.ts";
import type { Dimension } from "../../core/rollup.ts";
import { type FilterField, plainName, PROPERTY } from "./filters.ts";
import type { Format } from "./format.ts";

export interface Tab {
  id: string;
  label: string;
  dimension: FilterField;
  metrics: readonly [Metric, ...Metric[]];
  /** What one row is, for the table's header. */
  row: string;
  /** Drawn on a map, not listed. */
  map?: true;
  /** The word under which it stands together with others: which of them is chosen apart. */
  under?: string;
  /** Which property it is by is chosen apart. */
  ofProperty?: true;
  /** Of a list without rows; otherwise it says that there is nothing. */
  empty?: string;
}

export interface Panel {
  id: string;
  title: string;
  /** Rows that it has room for. */
  rows: number;
  tabs: readonly [Tab, ...Tab[]];
}

const byVisits = (id: string, label: string, dimension: Dimension, row = label): Tab => ({
  id,
  label,
  dimension,
  metrics: ["visits", "net_revenue"],
  row,
});

/** Several of one kind: "Campaigns", by any of five parameters. */
const under = (word: string, ...tabs: readonly Tab[]): Tab[] => tabs.map((tab) => ({ ...tab, under: word }));

const ofProducts = (id: string, label: string, ...metrics: Tab["metrics"]): Tab => ({
  id,
  label,
  dimension: "product",
  metrics,
  row: "Product",
});

export const PANELS: readonly Panel[] = [
  {
    id: "sources",
    title: "Sources of visits",
    rows: 8,
    tabs: [
      byVisits("channels", "Channels", "channel", "Channel"),
      byVisits("sources", "Sources", "source", "Source"),
      byVisits("referrers", "Referrers", "referrer", "Referrer"),
      ...under(
        "Campaigns",
        byVisits("campaigns", "Campaign", "utm_campaign"),
        byVisits("utm_source", "UTM source", "utm_source"),
        byVisits("utm_medium", "UTM medium", "utm_medium"),
        byVisits("utm_content", "UTM content", "utm_content"),
        byVisits("utm_term", "UTM term", "utm_term"),
      ),
    ],
  },
  {
    id: "products",
    title: "Products",
    rows: 8,
    tabs: [
      ofProducts("revenue", "Revenue", "net_revenue", "units"),
      ofProducts("units", "Units", "units", "net_revenue"),
      ofProducts("views", "Views", "product_views", "adds_to_cart"),
      // By adds: a rate of few says little, and would come first.
      ofProducts("cart", "Cart to order", "adds_to_cart", "cart_to_order_rate"),
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
      { id: "hosts", label: "Hosts", dimension: "hostname", metrics: ["visitors", "pageviews"], row: "Host" },
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
    rows: 6,
    tabs: [
      byVisits("devices", "Devices", "device", "Device"),
      ...under(
        "Browsers",
        byVisits("browsers", "Browser", "browser"),
        byVisits("browser_versions", "Browser version", "browser_version"),
      ),
      ...under("Systems", byVisits("systems", "System", "os"), byVisits("os_versions", "System version", "os_version")),
      byVisits("languages", "Languages", "language", "Language"),
    ],
  },
  {
    id: "events",
    title: "Events and goals",
    rows: 6,
    tabs: [
      { id: "events", label: "Events", dimension: "event", metrics: ["events", "visitors"], row: "Event" },
      {
        id: "goals",
        label: "Goals",
        dimension: "goal",
        metrics: ["visits", "conversion_rate"],
        row: "Goal",
        empty: "No visit reached a goal in these dates. Goals are made in the settings and hold for the past too.",
      },
      {
        id: "properties",
        label: "Properties",
        dimension: PROPERTY,
        metrics: ["events", "visitors"],
        row: "Value",
        ofProperty: true,
      },
    ],
  },
];

const PROPERTY_TAB = "property:";

/** The id of the tab of that property. */
export const propertyTab = (name: string): string => `${PROPERTY_TAB}${name}`;

/** "" while none is chosen; null of other tabs. */
export const propertyOf = ({ ofProperty, dimension }: Tab): string | null =>
  ofProperty === true ? dimension.slice(PROPERTY.length) : null;

/** The tab of that id, or the panel's first. */
export function tabOf({ tabs }: Panel, id: string | undefined): Tab {
  const ofProperty = tabs.find((each) => each.ofProperty === true);
  if (ofProperty !== undefined && id?.startsWith(PROPERTY_TAB) === true)
    return { ...ofProperty, dimension: `${PROPERTY}${id.slice(PROPERTY_TAB.length)}` };
  return tabs.find((each) => each.id === id) ?? tabs[0];
}

/** The words that a panel's tabs are chosen by, each with the first tab that it opens. */
export const wordsOf = ({ tabs }: Panel): { id: string; label: string }[] =>
  tabs
    .filter(({ under: word }, at) => word === undefined || tabs[at - 1]?.under !== word)
    .map(({ id, label, under: word }) => ({ id, label: word ?? label }));

/** The tabs that stand under the same word: more than one only where there is a choice. */
export const besides = ({ tabs }: Panel, chosen: Tab): Tab[] =>
  tabs.filter(({ id, under: word }) => id === chosen.id || (word !== undefined && word === chosen.under));

/** Codes as names, products by their name; what is not known says so. */
export function rowName(tab: Tab, row: ResultRow, format: Format): string {
  const value = row.dimensions[0] ?? "";
  if (tab.dimension === "country") return format.country(plainName(value));
  if (tab.dimension === "language") return format.language(plainName(value));
  return row.label ?? plainName(value);
}
