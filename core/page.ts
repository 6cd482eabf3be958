// Where an event happened, read from its URL: the page as people read it, the host name, and the query that
// campaigns are read from. Total: whatever the URL, there is a page, if only "(not set)".
//
//   https://www.Shop.example:8443/Caf%C3%A9/?q=1#top   →   page "/Café/", hostname "shop.example", query "q=1"
//
// The page keeps its case and its trailing slash: servers may tell them apart. The query is no part of it, and neither is
// the fragment, but for one that is a route of its own ("#/cart", "#!/cart"): sites that draw their pages so have no other.

import { dimensionValue } from "./dimension-value.ts";
import { memo } from "./memo.ts";
import { NOT_SET } from "./rollup.ts";

export interface Page {
  page: string;
  hostname: string;
  /** Without the question mark; empty when there is none. */
  query: string;
}

/** A URL taken apart: `host` lower case without "www." and port, empty when it has none; `path` still encoded. */
export interface Address {
  host: string;
  path: string;
  query: string;
}

const NOWHERE: Page = { page: NOT_SET, hostname: NOT_SET, query: "" };

export const pageOf = (url: string | undefined): Page => (url === undefined ? NOWHERE : readPage(url));

/** With those parameters of the query that belong to the page, in the order of `kept`. */
export const pageShown = ({ page, query }: Page, kept: readonly string[]): string =>
  kept.length === 0 || query === "" || page === NOT_SET ? page : dimensionValue(page + parametersIn(query, kept));

function parametersIn(query: string, kept: readonly string[]): string {
  const values = new Map<string, string>();
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    // The first of its name, as for campaigns.
    if (!values.has(name)) values.set(name, at < 0 ? "" : pair.slice(at + 1));
  }
  const shown = kept.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : `${name}=${decoded(value.replaceAll("+", "%20"))}`;
  });
  return shown.length === 0 ? "" : `?${shown.join("&")}`;
}

const readPage = memo((url: string): Page => {
  const address = addressOf(url);
  if (address === undefined) return NOWHERE;
  return {
    page: dimensionValue(decoded(address.path + routeIn(url))),
    hostname: dimensionValue(address.host),
    query: address.query,
  };
});

const routeIn = (url: string): string => {
  const at = url.indexOf("#");
  return at >= 0 && /^#!?\//.test(url.slice(at, at + 3)) ? url.slice(at) : "";
};

// URLs as browsers send them. What matches is taken apart exactly as `URL` would (a test compares the two), at a
// fraction of its cost; anything that `URL` might rewrite (punycode, numeric hosts, "/../", spaces) does not match.
const PLAIN =
  /^https?:\/\/((?:(?!xn--)[a-z0-9-]+\.)*(?!xn--)[a-z](?:[a-z0-9-]*[a-z0-9])?)(?::\d{1,4})?((?:\/[\w\-.~!$&()*+,;=:@%]*)*)(?:\?([\w\-.~!$&()*+,;=:@%/?]*))?(?:#.*)?$/;
const DOTS = /\/(?:\.|%2e)/i;

/** The URL taken apart; nothing for what is no place: "about:blank", "mailto:…", plain text. Never throws. */
export const addressOf = (url: string): Address | undefined => {
  const plain = PLAIN.exec(url);
  if (plain !== null && !DOTS.test(plain[2]!)) {
    return { host: bareHost(plain[1]!), path: plain[2]! || "/", query: plain[3] ?? "" };
  }
  const parsed = parse(url.trim());
  if (parsed === undefined) return undefined;
  const path = parsed.pathname === "" && parsed.hostname !== "" ? "/" : parsed.pathname;
  if (!path.startsWith("/")) return undefined;
  return { host: bareHost(parsed.hostname.toLowerCase()), path, query: parsed.search.slice(1) };
};

// A path alone ("/checkout") is a page of a host that we are not told, and "shop.example/checkout" means a site.
const parse = (url: string): URL | undefined => {
  if (/^\/(?!\/)/.test(url)) return tryUrl(`relative://${url}`);
  if (url.startsWith("//")) return tryUrl(`https:${url}`);
  if (/^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|$)/.test(url)) return tryUrl(`https://${url}`);
  return tryUrl(url);
};

const tryUrl = (url: string): URL | undefined => {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
};

const bareHost = (host: string): string => {
  const bare = host.startsWith("www.") ? host.slice(4) : host;
  return bare.endsWith(".") ? bare.slice(0, -1) : bare;
};

// Reserved characters stay encoded, so "/a%2Fb" is not taken for "/a/b"; what does not decode stays as it came.
const decoded = (path: string): string => {
  if (!path.includes("%")) return path;
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
};
