import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientOf, isBot } from "./client.ts";
import { NOT_SET } from "./rollup.ts";

/** Its requests by user agent. */
const LOG: { count: number; userAgent: string }[] = JSON.parse(
  readFileSync(new URL("./user-agents.json", import.meta.url), "utf8"),
).userAgents.map(([count, userAgent]: [number, string]) => ({ count, userAgent }));

const SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0";

test.each([
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`,
    "Chrome",
    "Chrome 120",
    "Windows 10",
    "Desktop",
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/120.0.2210.91`,
    "Edge",
    "Edge 120",
    "Windows 10",
    "Desktop",
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 OPR/106.0.0.0`,
    "Opera",
    "Opera 106",
    "Windows 10",
    "Desktop",
  ],
  [
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Internet Explorer",
    "Internet Explorer 11",
    "Windows 7",
    "Desktop",
  ],
  [
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Firefox",
    "Firefox 121",
    "Linux",
    "Desktop",
  ],
  [
    "Mozilla/5.0 (X11; FreeBSD amd64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Firefox",
    "Firefox 121",
    NOT_SET,
    "Desktop",
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`, "Chrome", "Chrome 120", "ChromeOS", "Desktop"],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Version/17.2 Safari/605.1.15`,
    "Safari",
    "Safari 17",
    "macOS 10.15",
    "Desktop",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) ${SAFARI} Version/17.4 Mobile/15E148 Safari/604.1`,
    "Safari",
    "Safari 17",
    "iOS 17.4",
    "Mobile",
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) ${SAFARI} Version/16.6 Mobile/15E148 Safari/604.1`,
    "Safari",
    "Safari 16",
    "iOS 16.6",
    "Tablet",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${SAFARI} CriOS/120.0 Mobile/15E148 Safari/604.1`,
    "Chrome",
    "Chrome 120",
    "iOS 17.4",
    "Mobile",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${SAFARI} Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]`,
    "Mobile App",
    "Mobile App",
    "iOS 17.4",
    "Mobile",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${SAFARI} Mobile/15E148`,
    "Mobile App",
    "Mobile App",
    "iOS 17.4",
    "Mobile",
  ],
  [
    "Mozilla/5.0 (Linux; Android 13; SM-G991B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mobile App",
    "Mobile App",
    "Android 13",
    "Mobile",
  ],
  [
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
    "Samsung Browser",
    "Samsung Browser 23",
    "Android 14",
    "Mobile",
  ],
  [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Safari/537.36`, "Chrome", "Chrome 120", "Android 10", "Tablet"],
  [
    "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36",
    "WebOS Browser",
    "WebOS Browser",
    "WebOS",
    "TV",
  ],
  [
    `Mozilla/5.0 (PlayStation; PlayStation 5/2.26) ${SAFARI} Version/13.0 Safari/605.1.15`,
    "Safari",
    "Safari 13",
    NOT_SET,
    "Console",
  ],
  ["evil/99 <script>", NOT_SET, NOT_SET, NOT_SET, NOT_SET],
])("%s", (userAgent, browser, browser_version, os_version, device) => {
  expect(clientOf(userAgent)).toMatchObject({ browser, browser_version, os_version, device });
  expect(isBot(userAgent)).toBe(false);
});

test.each([
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
  "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/22.1.0",
  "python-requests/2.31",
  "curl/8.5.0",
  "node",
  "-",
])("a bot: %s", (userAgent) => expect(isBot(userAgent)).toBe(true));

test("no user agent is no bot and no client: servers send none", () => {
  for (const none of [undefined, ""]) {
    expect(isBot(none)).toBe(false);
    expect(Object.values(clientOf(none))).toEqual([NOT_SET, NOT_SET, NOT_SET, NOT_SET, NOT_SET]);
  }
});

// How a person would sort the log with grep: what names itself a robot or gives an address to complain to, and what
// is no browser's format. Written without a look at isbot's rules; where the two differ is listed.
const looksLikeBot = (userAgent: string): boolean =>
  /bot|spider|crawl|slurp|https?:|feed|fetch|rss|@|wget|curl|python|perl|ruby|php/i.test(userAgent) ||
  /^[^/]*$/.test(userAgent) ||
  /^Mozilla\/\d\.\d( \(compatible;\))?$/.test(userAgent);

const FOUND_BY_US_ALONE = [
  // A crawler's disguise: it starts with robots.txt and comes from one small network.
  [91, "chromeframe/19.0.1084.52"],
  [17, "Google favicon"],
  [16, "LAVA.KKT35+"],
  [8, "BingPreview"],
  [7, "portscout"],
  [7, "Google Web Preview"],
  [5, "PhantomJS"],
  [3, "Xenu Link Sleuth"],
  [3, "Newsify"],
  [3, "Reeder"],
  [2, "nutch"],
  [2, "DTS Agent"],
  [2, "32.0.1700.107 Safari/537.36,gzip(gfe) (via docs.google.com/viewer)"],
  [1, "32.0.1700.76 Safari/537.36,gzip(gfe) (via docs.google.com/viewer)"],
  [1, "GoogleImageProxy"],
  [1, "ZDM/4.0"],
  [1, "Indy Library"],
  [1, "theoldreader.com)"],
  [1, "User-Agent: Mozilla"],
  [1, "Robosourcer"],
] as const;
const FOUND_BY_GREP_ALONE = ["&as_qdr=all", "ELinks (0.4.3; NetBSD 3.0.2_PATCH sparc64; 141x19)"];

const sum = (chosen: typeof LOG): number => chosen.reduce((total, { count }) => total + count, 0);

test("bots of a real log: 3,010 of 9,999 requests, as grep finds them but for those listed", () => {
  expect(sum(LOG)).toBe(9_999);
  expect(sum(LOG.filter(({ userAgent }) => isBot(userAgent)))).toBe(3_010);
  expect(sum(LOG.filter(({ userAgent }) => looksLikeBot(userAgent)))).toBe(2_839);

  const oursAlone = LOG.filter(({ userAgent }) => isBot(userAgent) && !looksLikeBot(userAgent));
  for (const [count, part] of FOUND_BY_US_ALONE)
    expect(sum(oursAlone.filter(({ userAgent }) => userAgent.includes(part))), part).toBe(count);
  expect(oursAlone).toHaveLength(FOUND_BY_US_ALONE.length);
  const grepAlone = LOG.filter(({ userAgent }) => !isBot(userAgent) && looksLikeBot(userAgent));
  expect(grepAlone.map(({ userAgent }) => userAgent).sort()).toEqual(FOUND_BY_GREP_ALONE);
});

test("people of a real log: nearly all have a browser, a system and a device", () => {
  const people = LOG.filter(({ userAgent }) => !isBot(userAgent));
  const share = (key: "browser" | "os" | "device"): number =>
    sum(people.filter(({ userAgent }) => clientOf(userAgent)[key] !== NOT_SET)) / sum(people);
  expect(share("browser")).toBeGreaterThan(0.99);
  expect(share("os")).toBeGreaterThan(0.98);
  expect(share("device")).toBeGreaterThan(0.98);
});

test("law: any text has a client of few and kept names", () => {
  const pieces = fc.constantFrom(
    "Mozilla/5.0 (",
    "Android 9",
    "iPhone",
    "; wv)",
    "Chrome/",
    "Windows NT 99.9",
    "Safari/",
    "1",
    "Version/x.y",
    "OPR/",
    ")",
    ";",
    "\u0000",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(pieces).map((each) => each.join(" ")),
      ),
      (userAgent) => {
        expect(typeof isBot(userAgent)).toBe("boolean");
        for (const value of Object.values(clientOf(userAgent))) expect(value).toMatch(/^[\w().+ -]{1,60}$/);
      },
    ),
    { seed: 1, numRuns: 3_000 },
  );
});
