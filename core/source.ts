// Which known source a host name or a campaign's word means; see `sources.ts`.

import { memo } from "./memo.ts";
import { SOURCES, type SourceKind } from "./sources.ts";

export interface Source {
  name: string;
  kind: SourceKind;
}

/** Host names, host names with ".*" for the country, and words, all lower case. */
const KNOWN = new Map<string, Source>();
for (const [name, kind, knownBy] of SOURCES) {
  const source = { name, kind };
  for (const key of [name.toLowerCase(), ...knownBy.split(" ")]) KNOWN.set(key, source);
}

/** What DNS allows. */
const HOST_CHARS_MAX = 253;

/** "shop.example.co.uk" → "shop.example" and "co.uk". */
const COUNTRY = /^(.+?)\.(?:(?:com?|ne|or|net|org)\.[a-z]{2}|[a-z]{2}|com)$/;

/** The source that the host name, lower case, belongs to: by the longest part of it that is known. */
export const sourceOfHost = (host: string): Source | null => (host.length > HOST_CHARS_MAX ? null : find(host));

const find = memo((host: string): Source | null => {
  const stem = COUNTRY.exec(host)?.[1] ?? "";
  // A word is no host name: "x" is Twitter's in a campaign, but http://x/ is not.
  for (let at = 0; host.includes(".", at); at = host.indexOf(".", at) + 1) {
    const known = KNOWN.get(host.slice(at)) ?? (at < stem.length ? KNOWN.get(`${stem.slice(at)}.*`) : undefined);
    if (known !== undefined) return known;
  }
  return null;
});

/** The source that a campaign means by `word`: a name ("Facebook", "fb") or a host name ("m.facebook.com"). */
export const sourceOfWord = (word: string): Source | null => {
  const key = word.toLowerCase();
  return KNOWN.get(key) ?? (key.includes(".") ? sourceOfHost(key.replace(/^www\./, "")) : null);
};
