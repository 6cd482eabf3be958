import fc from "fast-check";
import { expect, test } from "vitest";
import { addressOf, pageOf } from "./page.ts";
import { NOT_SET } from "./rollup.ts";

test.each([
  ["https://shop.example", "/", "shop.example"],
  ["https://shop.example?utm_source=x", "/", "shop.example"],
  ["https://www.shop.example:8443/Caf%C3%A9/?q=1#top", "/Café/", "shop.example"],
  ["HTTPS://WWW.SHOP.EXAMPLE/Cart", "/Cart", "shop.example"],
  ["https://user:secret@shop.example/cart", "/cart", "shop.example"],
  ["https://shop.example./cart", "/cart", "shop.example"],
  ["https://shop.example/a//b/", "/a//b/", "shop.example"],
  ["https://shop.example/a/../b/./c", "/b/c", "shop.example"],
  ["https://shop.example/a/%2e%2E/b", "/b", "shop.example"],
  ["https://shop.example/a%2Fb%3Fc", "/a%2Fb%3Fc", "shop.example"],
  ["https://shop.example/100%", "/100%", "shop.example"],
  ["https://shop.example/%E0%A4%A", "/%E0%A4%A", "shop.example"],
  ["https://shop.example/%00%0Ax", "/  x", "shop.example"],
  ["https://shop.example/straße und mehr", "/straße und mehr", "shop.example"],
  ["https://shop.example\\cart", "/cart", "shop.example"],
  ["  https://shop.example/cart  ", "/cart", "shop.example"],
  ["https://münchen.example/x", "/x", "xn--mnchen-3ya.example"],
  ["http://127.1:3000/x", "/x", "127.0.0.1"],
  ["http://[::1]:8787/x", "/x", "[::1]"],
  ["http://localhost:8787/x", "/x", "localhost"],
  ["//cdn.shop.example/x", "/x", "cdn.shop.example"],
  ["www.shop.example/x", "/x", "shop.example"],
  ["shop.example", "/", "shop.example"],
  ["/checkout?step=2", "/checkout", NOT_SET],
  ["file:///C:/shop/index.html", "/C:/shop/index.html", NOT_SET],
  ["app://Shop/Cart", "/Cart", "shop"],
  ["app://shop", "/", "shop"],
  ["about:blank", NOT_SET, NOT_SET],
  ["mailto:a@shop.example", NOT_SET, NOT_SET],
  ["data:text/html,x", NOT_SET, NOT_SET],
  ["http://", NOT_SET, NOT_SET],
  ["https://a b/", NOT_SET, NOT_SET],
  ["cart", NOT_SET, NOT_SET],
  ["", NOT_SET, NOT_SET],
])("%s", (url, page, hostname) => {
  expect(pageOf(url)).toMatchObject({ page, hostname });
});

test("a fragment is part of the page only when it is a route", () => {
  expect(pageOf("https://shop.example/app#/cart").page).toBe("/app#/cart");
  expect(pageOf("https://shop.example/app#!/cart").page).toBe("/app#!/cart");
  expect(pageOf("https://shop.example/app#reviews").page).toBe("/app");
});

test("no URL: no page, no host", () => {
  expect(pageOf(undefined)).toEqual({ page: NOT_SET, hostname: NOT_SET, query: "" });
});

test("the query is kept as it came, without the fragment", () => {
  expect(pageOf("https://shop.example/?a=b%20c&d?e#f?g").query).toBe("a=b%20c&d?e");
});

test("long pages are cut, but not within a character", () => {
  const { page } = pageOf(`https://shop.example/${"x".repeat(298)}${encodeURI("😀")}`);
  expect(page).toBe(`/${"x".repeat(298)}`);
});

const letters = (text: string): string[] => text.split("");

test("law: what the short way reads is what URL reads", () => {
  const part = fc.string({
    unit: fc.constantFrom(...letters("abzAZ019-_.~!$&()*+,;=:@%/?#'|\\ é[]xn")),
    maxLength: 12,
  });
  const name = fc.string({ unit: fc.constantFrom(...letters("abz019-.xn")), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.constantFrom("http://", "https://"),
      name,
      fc.constantFrom("", ":80", ":8080", ":99999"),
      fc.constantFrom("", "/", "/www/"),
      part,
      (scheme, hostname, port, slash, rest) => {
        const url = `${scheme}${hostname}${port}${slash}${rest}`;
        const read = addressOf(url);
        const parsed = URL.canParse(url) ? new URL(url) : undefined;
        if (parsed === undefined) {
          expect(read).toBeUndefined();
          return;
        }
        const { pathname, search } = parsed;
        const host = parsed.hostname.replace(/^www\./, "").replace(/\.$/, "");
        expect(read).toEqual({ host, path: pathname, query: search.slice(1) });
      },
    ),
    { seed: 1, numRuns: 20_000 },
  );
});

test("law: any text has a page and a host name that can be kept", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.webUrl({ withQueryParameters: true, withFragments: true })),
      (url) => {
        const { page, hostname } = pageOf(url);
        for (const value of [page, hostname]) {
          expect(value).not.toBe("");
          expect(value).not.toMatch(/\p{Cc}/u);
          expect(value.isWellFormed()).toBe(true);
        }
      },
    ),
    { seed: 2, numRuns: 2_000 },
  );
});
