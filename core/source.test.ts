import { expect, test } from "vitest";
import { sourceOfHost, sourceOfWord } from "./source.ts";
import { SOURCES } from "./sources.ts";

test.each([
  ["google.com", "Google", "search"],
  ["google.co.uk", "Google", "search"],
  ["google.com.br", "Google", "search"],
  ["mail.google.com", "Gmail", "email"],
  ["gemini.google.com", "Gemini", "assistant"],
  ["docs.google.com", "Google Workspace", "site"],
  ["shopping.google.de", "Google Shopping", "shopping"],
  ["com.google.android.gm", "Gmail", "email"],
  ["de.search.yahoo.com", "Yahoo!", "search"],
  ["mail.yahoo.co.jp", "Yahoo! Mail", "email"],
  ["cn.bing.com", "Bing", "search"],
  ["l.facebook.com", "Facebook", "social"],
  ["t.co", "Twitter", "social"],
  ["x.com", "Twitter", "social"],
  ["old.reddit.com", "Reddit", "social"],
  ["m.youtube.com", "YouTube", "video"],
  ["amazon.co.jp", "Amazon", "shopping"],
  ["en.m.wikipedia.org", "Wikipedia", "site"],
])("%s is %s", (host, name, kind) => expect(sourceOfHost(host)).toEqual({ name, kind }));

test.each([
  "netflix.com.evil.example",
  "notgoogle.com",
  "google.evil.example",
  "x",
  "fb",
  "",
  "com",
  `${"a.".repeat(1000)}google.com`,
])("the host %s is no source that we know", (host) => expect(sourceOfHost(host)).toBeNull());

test.each([
  ["google", "Google"],
  ["FB", "Facebook"],
  ["ig", "Instagram"],
  ["chatgpt.com", "ChatGPT"],
  ["www.Linkedin.com", "LinkedIn"],
  ["youtube", "YouTube"],
])("a campaign's %s is %s", (word, name) => expect(sourceOfWord(word)?.name).toBe(name));

test("a campaign's own word stays its own", () => expect(sourceOfWord("spring-newsletter")).toBeNull());

test("no name and no host stands twice in the table", () => {
  const keys = SOURCES.flatMap(([name, , knownBy]) => [...new Set([name.toLowerCase(), ...knownBy.split(" ")])]);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  expect(keys.filter((key) => key !== key.toLowerCase())).toEqual([]);
});
