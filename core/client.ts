// What a user-agent string says of the software and the device behind it, and whether it is a person's at all. The
// reading is done by libraries (isbot, Bowser); this file decides which of their answers become values, since a
// sender can write anything into a user agent: only names that are known are kept.

import Bowser from "bowser";
import { isbot } from "isbot";
import { memo } from "./memo.ts";
import { NOT_SET } from "./rollup.ts";

export interface Client {
  browser: string;
  /** With the browser's name, so that it can stand alone: "Chrome 120". */
  browser_version: string;
  os: string;
  /** "iOS 17.4", "Windows 10" (which Windows 11 calls itself too). */
  os_version: string;
  device: "Desktop" | "Mobile" | "Tablet" | "TV" | "Console" | typeof NOT_SET;
}

const UNKNOWN: Client = {
  browser: NOT_SET,
  browser_version: NOT_SET,
  os: NOT_SET,
  os_version: NOT_SET,
  device: NOT_SET,
};

/**
 * True for crawlers, monitors, libraries and browsers under remote control that say so. No user agent at all is no
 * bot: servers that report orders and refunds send none, and browsers always do.
 */
export const isBot = (userAgent: string | undefined): boolean =>
  userAgent !== undefined && userAgent !== "" && readBot(userAgent);

/** Tools that isbot lets pass: they are never a person's browser. */
const TOOL = /\b(?:puppeteer|jsdom|slurp)\b/i;

const readBot = memo((userAgent: string): boolean => isbot(userAgent) || TOOL.test(userAgent));

export const clientOf = (userAgent: string | undefined): Client =>
  userAgent === undefined || userAgent === "" ? UNKNOWN : readClient(userAgent);

const readClient = memo((userAgent: string): Client => {
  const { browser, os, platform } = Bowser.parse(userAgent);
  const browserName = browserOf(userAgent, browser.name);
  const osName = OS_NAMES.get(os.name ?? "") ?? NOT_SET;
  return {
    browser: browserName,
    // In an app it would be the engine's version, and taken for the app's.
    browser_version: withVersion(browserName, browserName === MOBILE_APP ? undefined : major(browser.version)),
    os: osName,
    os_version: withVersion(osName, osVersion(osName, os.version, os.versionName)),
    device: deviceOf(userAgent, platform.type),
  };
});

/** Bowser's name → ours where people know it by another. */
const BROWSER_NAMES = new Map<string, string>([
  ...Object.values(Bowser.BROWSER_MAP).map((name): [string, string] => [name, name]),
  ["Microsoft Edge", "Edge"],
  ["Samsung Internet for Android", "Samsung Browser"],
  ["NAVER Whale Browser", "Whale"],
  ["Google Search", "Google App"],
  ["Generic", NOT_SET],
]);

const OS_NAMES = new Map<string, string>([
  ...Object.values(Bowser.OS_MAP).map((name): [string, string] => [name, name]),
  ["Chrome OS", "ChromeOS"],
  ["PlayStation 4", "PlayStation"],
]);

const MOBILE_APP = "Mobile App";

/** Pages shown inside an app: the app's name is not the browser's business, but Chrome or Safari it is not. */
const IN_APP =
  /\bFBA[NV]\b|FB_IAB|Instagram|\bLine\/|Pinterest\/|TikTok|musical_ly|BytedanceWebview|Snapchat|LinkedInApp|Twitter for|; wv\)/;
const APPLE_MOBILE = /\((?:iPhone|iPad|iPod)/;

const browserOf = (userAgent: string, name: string | undefined): string => {
  if (IN_APP.test(userAgent)) return MOBILE_APP;
  // Safari and all browsers on iOS name themselves; a web view without a name is an app's.
  if (APPLE_MOBILE.test(userAgent) && !/Safari|Version|OS\/|Opera/.test(userAgent)) return MOBILE_APP;
  return (name === undefined ? undefined : BROWSER_NAMES.get(name)) ?? NOT_SET;
};

const major = (version: string | undefined): string | undefined => /^\d+/.exec(version ?? "")?.[0];

const osVersion = (name: string, version: string | undefined, versionName: string | undefined): string | undefined => {
  if (name === "Windows") return versionName;
  return /^\d+(?:\.\d+)?/.exec(version ?? "")?.[0];
};

const withVersion = (name: string, version: string | undefined): string =>
  name === NOT_SET || version === undefined || version === "" ? name : `${name} ${version}`;

const CONSOLE = /PlayStation|Xbox|Nintendo/;
const TV = /Smart-?TV|AppleTV|Apple TV|GoogleTV|HbbTV|Roku|CrKey|BRAVIA|\bAFT[A-Z]|Web0S|NetCast|Android TV|TV Safari/i;

const deviceOf = (userAgent: string, type: string | undefined): Client["device"] => {
  if (CONSOLE.test(userAgent)) return "Console";
  if (TV.test(userAgent)) return "TV";
  switch (type) {
    case "desktop":
      return "Desktop";
    case "mobile":
      return "Mobile";
    case "tablet":
      return "Tablet";
    case "tv":
      return "TV";
    default:
      // Chromebooks and the BSDs, which Bowser has no type for.
      return userAgent.includes("(X11;") ? "Desktop" : NOT_SET;
  }
};
