import fc from "fast-check";
import { expect, test } from "vitest";
import { EVENT_STEPS, factsOf, visitAttributes, VISIT_STEPS } from "./enrich.ts";
import type { Event } from "./event.ts";
import { DIMENSION_VALUE_CHARS_MAX } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import { NOT_SET, VISIT_DIMENSIONS } from "./rollup.ts";

const MERCHANT: Merchant = {
  id: "m_test",
  name: "Test",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};

const event = (some: Partial<Event>): Event => ({
  id: "e1",
  name: "pageview",
  occurred_at: 0,
  received_at: 0,
  visitor: "00000000000000ff",
  ...some,
});

test("a visit's attributes by name", () => {
  const attributes = visitAttributes(
    event({
      url: "https://www.shop.example/Shoes/?utm_source=fb&utm_medium=cpc&utm_campaign=spring&utm_content=a&utm_term=b",
      referrer: "https://l.facebook.com/l.php?u=x",
      user_agent:
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
      country: "DE",
      region: "BE",
      city: "Berlin",
      language: "de-DE",
    }),
    MERCHANT,
  );
  expect(Object.fromEntries(VISIT_DIMENSIONS.map((name, i) => [name, attributes[i]]))).toEqual({
    entry_page: "/Shoes/",
    channel: "Paid Social",
    source: "Facebook",
    referrer: "l.facebook.com/l.php",
    utm_source: "fb",
    utm_medium: "cpc",
    utm_campaign: "spring",
    utm_content: "a",
    utm_term: "b",
    country: "DE",
    region: "DE-BE",
    city: "Berlin",
    browser: "Safari",
    browser_version: "Safari 17",
    os: "iOS",
    os_version: "iOS 17.4",
    device: "Mobile",
    language: "de",
  });
});

test("an event with nothing in it", () => {
  expect(factsOf(event({}))).toEqual({ verdict: "counted", page: NOT_SET, hostname: NOT_SET });
  const attributes = visitAttributes(event({}), MERCHANT);
  expect(attributes[1]).toBe("Direct");
  expect(attributes[2]).toBe("(direct)");
  expect(attributes.filter((value) => value !== NOT_SET)).toEqual(["Direct", "(direct)"]);
});

test("a bot has a verdict, and the page that it asked for", () => {
  const facts = factsOf(event({ url: "https://shop.example/a", user_agent: "Googlebot/2.1" }));
  expect(facts).toEqual({ verdict: "bot", page: "/a", hostname: "shop.example" });
});

test("the visit's steps are the visit's dimensions, in their order; no step has another's name", () => {
  expect(VISIT_STEPS.map(([name]) => name)).toEqual([...VISIT_DIMENSIONS]);
  const names = [...EVENT_STEPS, ...VISIT_STEPS].map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("law: whatever an event holds, every value is there, short, and fit to be kept", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.webUrl({ withQueryParameters: true }),
    fc.string({ unit: "binary" }).map((value) => `https://shop.example/?utm_source=${value}&utm_term=%00%ff${value}`),
    fc
      .string({ unit: fc.constantFrom("😀", "%F0%9F%98%80", "\ud83d", "x"), maxLength: 400 })
      .map((value) => `http://a.example/${value}`),
  );
  const anyEvent = fc
    .record(
      { url: text, referrer: text, user_agent: text, country: text, region: text, city: text, language: text },
      { requiredKeys: [] },
    )
    .map(event);
  fc.assert(
    fc.property(anyEvent, (each) => {
      const { page, hostname } = factsOf(each);
      for (const value of [page, hostname, ...visitAttributes(each, MERCHANT)]) {
        expect(value).not.toBe("");
        expect(value.length).toBeLessThanOrEqual(DIMENSION_VALUE_CHARS_MAX);
        expect(value.isWellFormed()).toBe(true);
        expect(value).not.toMatch(/\p{Cc}/u);
      }
    }),
    { seed: 1, numRuns: 2_000 },
  );
});
