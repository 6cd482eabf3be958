// Where and in which language: codes as the edge or the sender gave them, made to stand alone in a list.

import { dimensionValue } from "./dimension-value.ts";
import { NOT_SET } from "./rollup.ts";

/** ISO 3166-1 alpha-2 in capitals; the codes that say "unknown" (XX, ZZ) are no country. "T1" is the Tor network. */
export const countryOf = (country: string | undefined): string => {
  const code = dimensionValue(country).toUpperCase();
  return /^[A-Z][A-Z0-9]$/.test(code) && code !== "XX" && code !== "ZZ" ? code : NOT_SET;
};

/** ISO 3166-2 ("US-TX"), since "TX" alone is a place in several countries; a name stays as it is. */
export const regionOf = (region: string | undefined, country: string | undefined): string => {
  const value = dimensionValue(region);
  const code = countryOf(country);
  return code !== NOT_SET && /^[A-Z0-9]{1,3}$/.test(value) ? `${code}-${value}` : value;
};

export const cityOf = (city: string | undefined): string => dimensionValue(city);

/** The language without its region: "en" for "en-US", "en_GB" and "en-AU,en;q=0.9". */
export const languageOf = (language: string | undefined): string => {
  const primary = /^\s*([a-z]{2,3})(?![a-z])/i.exec(language ?? "")?.[1];
  return primary === undefined ? NOT_SET : primary.toLowerCase();
};
