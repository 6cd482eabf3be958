import { expect, test } from "vitest";
import { pageviewsOf, readApacheLine, type LogTally } from "./import-apache.ts";
import { readLines } from "./import-lines.ts";

const SITE = "http://site.example";

const line = ({
  time = "17/May/2015:10:05:03 +0000",
  request = "GET /a HTTP/1.1",
  status = "200",
  referrer = "-",
  agent = "Mozilla/5.0 (X11)",
} = {}): string => `83.149.9.216 - - [${time}] "${request}" ${status} 203 "${referrer}" "${agent}"`;

const read = (fields: Parameters<typeof line>[0]) => readApacheLine(line(fields), 1, SITE);
const eventOf = (fields: Parameters<typeof line>[0]) => {
  const one = read(fields);
  if ("skipped" in one) throw new Error(one.skipped);
  return one.event;
};

test("a page that was given is a pageview with the line's own time, address, agent and referrer", () => {
  const request = "GET /a/b.html?x=1 HTTP/1.0";
  expect(eventOf({ request, referrer: "https://www.google.com/search?q=1" })).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    name: "pageview",
    occurred_at: Date.UTC(2015, 4, 17, 10, 5, 3),
    url: "http://site.example/a/b.html?x=1",
    referrer: "https://www.google.com/search?q=1",
    visitor: { ip: "83.149.9.216", user_agent: "Mozilla/5.0 (X11)" },
  });
  expect(eventOf({ agent: "-" })).not.toHaveProperty("visitor.user_agent");
  expect(eventOf({})).not.toHaveProperty("referrer");
});

test("times are read in the zone that they are written in", () => {
  expect(eventOf({ time: "01/Jan/2016:00:30:00 +0545" }).occurred_at).toBe(Date.UTC(2015, 11, 31, 18, 45));
  expect(eventOf({ time: "31/Dec/2015:23:59:59 -0330" }).occurred_at).toBe(Date.UTC(2016, 0, 1, 3, 29, 59));
});

test.each([
  ["/", true],
  ["/projects/xdotool/", true],
  ["/projects/xdotool", true],
  ["/index.HTML", true],
  ["/old.v2/about", true],
  ["/p.php?file=a.png", true],
  ["/a.xhtml#top", true],
  ["/style.css", false],
  ["/image.png?html", false],
  ["/feed.xml", false],
  ["/robots.txt", false],
  ["http://other.example/", false],
  ["*", false],
])("%s is a page: %s", (target, isPage) => {
  expect("event" in read({ request: `GET ${target} HTTP/1.1` })).toBe(isPage);
});

test("what is no pageview is skipped with its reason", () => {
  expect(read({ status: "304" })).toHaveProperty("event");
  expect(read({ status: "404" })).toEqual({ skipped: "status" });
  expect(read({ status: "206" })).toEqual({ skipped: "status" });
  expect(read({ request: "HEAD / HTTP/1.1" })).toEqual({ skipped: "method" });
  expect(read({ request: "-" })).toEqual({ skipped: "malformed" });
  expect(read({ time: "17/Mai/2015:10:05:03 +0000" })).toEqual({ skipped: "malformed" });
  expect(readApacheLine(line().slice(0, -1), 1, SITE)).toEqual({ skipped: "malformed" });
  expect(readApacheLine("", 1, SITE)).toEqual({ skipped: "malformed" });
});

test("quotes, backslashes and bytes that Apache has escaped are read as they were", () => {
  expect(eventOf({ agent: String.raw`say \"hi\" \\ \xc3\xa9` })).toHaveProperty(
    "visitor.user_agent",
    String.raw`say "hi" \ é`,
  );
});

test("equal lines are two events, and the same file read again the same events", () => {
  const ids = [1, 2, 1].map((number) => {
    const one = readApacheLine(line(), number, SITE);
    return "event" in one ? one.event.id : "";
  });
  expect(ids[0]).not.toBe(ids[1]);
  expect(ids[0]).toBe(ids[2]);
});

test("the recorded log, whole: each line is a pageview or has its reason", async () => {
  const tally: LogTally = { lines: 0, pageviews: 0, skipped: {} };
  const ids = new Set<string>();
  for await (const events of pageviewsOf(readLines("data/apache-access.log.gz"), SITE, tally)) {
    for (const { id } of events) ids.add(id);
  }
  expect(tally).toEqual({
    lines: 10_000,
    pageviews: 3_770,
    skipped: { malformed: 1, method: 48, not_a_page: 5_765, status: 416 },
  });
  expect(ids.size).toBe(3_770);
});
