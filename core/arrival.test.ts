import { expect, test } from "vitest";
import { arrivalOf } from "./arrival.ts";
import type { Merchant } from "./merchant.ts";
import { pageOf } from "./page.ts";
import { NOT_SET } from "./rollup.ts";

const MERCHANT: Merchant = {
  id: "m_test",
  name: "Test",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};

const arrive = (url: string, referrer?: string) => arrivalOf(pageOf(url), referrer, MERCHANT);

test.each([
  // what                     query                                    referrer                               source        channel              referrer shown
  ["nothing", "", undefined, "(direct)", "Direct", NOT_SET],
  ["own page", "", "https://www.shop.example/a", "(direct)", "Direct", NOT_SET],
  ["own subdomain", "", "https://pay.shop.example/a", "(direct)", "Direct", NOT_SET],
  ["localhost", "", "http://localhost:3000/", "(direct)", "Direct", NOT_SET],
  ["no URL", "", "-", "(direct)", "Direct", NOT_SET],
  ["lookalike", "", "https://notshop.example/a", "notshop.example", "Referral", "notshop.example/a"],
  ["search", "", "https://www.google.de/", "Google", "Organic Search", "google.de"],
  ["app", "", "android-app://com.google.android.gm/", "Gmail", "Email", "com.google.android.gm"],
  ["webmail", "", "https://outlook.live.com/mail/0/", "Outlook", "Email", "outlook.live.com/mail/0"],
  ["assistant", "?utm_source=chatgpt.com", "https://chatgpt.com/", "ChatGPT", "AI Assistant", "chatgpt.com"],
  ["blog", "", "https://www.blog.example/Post/1/?x=1#y", "blog.example", "Referral", "blog.example/Post/1"],
  ["ref tag", "?ref=producthunt", undefined, "producthunt", "Referral", NOT_SET],
  ["source tag", "?source=fb", undefined, "Facebook", "Organic Social", NOT_SET],
  ["campaign", "?utm_source=FB&utm_medium=CPC&utm_campaign=Spring", undefined, "Facebook", "Paid Social", NOT_SET],
  [
    "campaign over referrer",
    "?utm_source=news&utm_medium=email",
    "https://www.google.com/",
    "news",
    "Email",
    "google.com",
  ],
  ["source, no medium", "?utm_source=flyer", undefined, "flyer", "Unassigned", NOT_SET],
  ["source before ref", "?ref=b&source=a", undefined, "a", "Referral", NOT_SET],
  ["medium alone", "?utm_medium=email", undefined, NOT_SET, "Email", NOT_SET],
  ["campaign alone", "?utm_campaign=spring", undefined, NOT_SET, "Unassigned", NOT_SET],
  ["medium and referrer", "?utm_medium=cpc", "https://www.google.com/", "Google", "Paid Search", "google.com"],
  ["gclid from Google", "?gclid=abc", "https://www.google.com/", "Google", "Paid Search", "google.com"],
  ["gclid alone", "?gclid=abc", undefined, "Google", "Paid Search", NOT_SET],
  ["msclkid from Bing", "?msclkid=abc", "https://www.bing.com/", "Bing", "Paid Search", "bing.com"],
  ["gclid, source alone", "?gclid=abc&utm_source=google", undefined, "Google", "Paid Search", NOT_SET],
  ["gclid elsewhere", "?gclid=abc", "https://blog.example/", "blog.example", "Referral", "blog.example"],
  ["fbclid is no ad", "?fbclid=abc", "https://l.facebook.com/", "Facebook", "Organic Social", "l.facebook.com"],
  [
    "gclid, shopping",
    "?gclid=abc&utm_campaign=shop",
    "https://www.google.com/",
    "Google",
    "Paid Shopping",
    "google.com",
  ],
  ["empty tags", "?utm_source=&utm_medium=%20", undefined, "(direct)", "Direct", NOT_SET],
  ["said direct", "?utm_source=(direct)&utm_medium=(none)", undefined, "(direct)", "Direct", NOT_SET],
])("%s: %s from %s", (_what, query, referrer, source, channel, shown) => {
  expect(arrive(`https://shop.example/${query}`, referrer)).toMatchObject({ source, channel, referrer: shown });
});

test("campaign parameters stand as they came, decoded and trimmed", () => {
  const url =
    "https://shop.example/?utm_source=FB&utm_medium=CPC&utm_campaign=Spring+%26%20more&utm_content=%20a%00b&utm_term=%E2%82%AC&utm_term=2";
  expect(arrive(url)).toMatchObject({
    utm_source: "FB",
    utm_medium: "CPC",
    utm_campaign: "Spring & more",
    utm_content: "a b",
    utm_term: "€",
  });
});

test("the event's own host is no referrer even where it is not listed as the merchant's", () => {
  const arrival = arrivalOf(pageOf("https://www.preview.example/b"), "https://preview.example/a", MERCHANT);
  expect(arrival).toMatchObject({ source: "(direct)", referrer: NOT_SET });
});
