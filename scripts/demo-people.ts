// Who visits the demo shop: where people are, and what they (and some bots) browse with. Made up, in proportions such as a
// small German shop sees.

import type { Random } from "./random.ts";

export interface Place {
  country: string;
  /** ISO 3166-2 without the country. */
  region: string;
  city: string;
  language: string;
  weight: number;
}

const place = (country: string, region: string, city: string, language: string, weight: number): Place => ({
  country,
  region,
  city,
  language,
  weight,
});

const PLACES: readonly Place[] = [
  place("DE", "BE", "Berlin", "de-DE", 120),
  place("DE", "HH", "Hamburg", "de-DE", 70),
  place("DE", "BY", "Munich", "de-DE", 75),
  place("DE", "BY", "Nuremberg", "de-DE", 22),
  place("DE", "NW", "Cologne", "de-DE", 55),
  place("DE", "NW", "Düsseldorf", "de-DE", 35),
  place("DE", "HE", "Frankfurt am Main", "de-DE", 45),
  place("DE", "BW", "Stuttgart", "de-DE", 38),
  place("DE", "SN", "Leipzig", "de-DE", 34),
  place("DE", "NI", "Hanover", "de-DE", 26),
  place("DE", "HB", "Bremen", "de-DE", 20),
  place("AT", "9", "Vienna", "de-AT", 60),
  place("AT", "6", "Graz", "de-AT", 18),
  place("CH", "ZH", "Zurich", "de-CH", 40),
  place("CH", "BS", "Basel", "de-CH", 14),
  place("CH", "GE", "Geneva", "fr-CH", 10),
  place("NL", "NH", "Amsterdam", "nl-NL", 26),
  place("NL", "UT", "Utrecht", "nl-NL", 12),
  place("BE", "BRU", "Brussels", "fr-BE", 14),
  place("FR", "IDF", "Paris", "fr-FR", 28),
  place("FR", "ARA", "Lyon", "fr-FR", 10),
  place("GB", "ENG", "London", "en-GB", 30),
  place("GB", "SCT", "Edinburgh", "en-GB", 7),
  place("DK", "84", "Copenhagen", "da-DK", 14),
  place("SE", "AB", "Stockholm", "sv-SE", 12),
  place("PL", "14", "Warsaw", "pl-PL", 15),
  place("IT", "25", "Milan", "it-IT", 14),
  place("ES", "CT", "Barcelona", "es-ES", 12),
  place("US", "NY", "New York", "en-US", 16),
  place("US", "CA", "San Francisco", "en-US", 12),
  place("CA", "ON", "Toronto", "en-CA", 6),
  place("IN", "KA", "Bengaluru", "en-IN", 5),
  place("JP", "13", "Tokyo", "ja-JP", 4),
];

interface Agent {
  text: string;
  screens: readonly string[];
  weight: number;
}

const DESKTOP_SCREENS = ["1920x1080", "1920x1080", "2560x1440", "1536x864", "1366x768"];
const MAC_SCREENS = ["1512x982", "1440x900", "1728x1117", "2560x1440"];
const IPHONE_SCREENS = ["390x844", "393x852", "430x932"];
const ANDROID_SCREENS = ["360x800", "412x915", "384x854"];

const chrome = (system: string, version: number, rest = ""): string =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 ${rest}Safari/537.36`;
const WINDOWS = "Windows NT 10.0; Win64; x64";
const MAC = "Macintosh; Intel Mac OS X 10_15_7";
const ANDROID = "Linux; Android 10; K";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

const AGENTS: readonly Agent[] = [
  {
    text: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${APPLE} Version/18.6 Mobile/15E148 Safari/604.1`,
    screens: IPHONE_SCREENS,
    weight: 24,
  },
  {
    text: `Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) ${APPLE} Version/17.7 Mobile/15E148 Safari/604.1`,
    screens: IPHONE_SCREENS,
    weight: 6,
  },
  {
    text: `Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) ${APPLE} Version/18.6 Mobile/15E148 Safari/604.1`,
    screens: ["820x1180", "834x1194"],
    weight: 4,
  },
  { text: chrome(ANDROID, 142, "Mobile "), screens: ANDROID_SCREENS, weight: 20 },
  {
    text: `Mozilla/5.0 (${ANDROID}) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    screens: ANDROID_SCREENS,
    weight: 5,
  },
  { text: chrome(WINDOWS, 142), screens: DESKTOP_SCREENS, weight: 15 },
  { text: `${chrome(WINDOWS, 142)} Edg/142.0.0.0`, screens: DESKTOP_SCREENS, weight: 7 },
  { text: chrome(MAC, 142), screens: MAC_SCREENS, weight: 6 },
  { text: `Mozilla/5.0 (${MAC}) ${APPLE} Version/18.6 Safari/605.1.15`, screens: MAC_SCREENS, weight: 7 },
  {
    text: `Mozilla/5.0 (${WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0`,
    screens: DESKTOP_SCREENS,
    weight: 5,
  },
  {
    text: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    screens: DESKTOP_SCREENS,
    weight: 2,
  },
];

const BOTS: readonly string[] = [
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
  "python-requests/2.32.3",
];

export interface Person {
  ip: string;
  userAgent: string;
  screen: string;
  place: Place;
}

export function person(random: Random): Person {
  const agent = random.weighted(AGENTS);
  return {
    ip: address(random),
    userAgent: agent.text,
    screen: random.pick(agent.screens),
    place: random.weighted(PLACES),
  };
}

export const bot = (random: Random): Person => ({ ...person(random), userAgent: random.pick(BOTS) });

/** Of the range that is for documentation: nobody has it. */
function address(random: Random): string {
  const group = (): string => random.below(65_536).toString(16);
  return `2001:db8:${group()}:${group()}::${group()}`;
}
