import { expect, test } from "vitest";
import { domainsIn } from "./domains.ts";

test("hosts are taken out of pasted addresses; the rest is left to the server", () => {
  expect(domainsIn("https://Hats.example/shop?a=b\nhats.example, caps.example")).toEqual([
    "hats.example",
    "caps.example",
  ]);
  expect(domainsIn("http://")).toEqual(["http://"]);
  expect(domainsIn(" ")).toEqual([]);
});
