import fs from "node:fs";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { PageSkeleton } from "./skeleton.tsx";

/** Without blanks between tags, and with empty elements written in one way. */
const tagsOf = (html: string): string =>
  html
    .replaceAll(/\s+/g, " ")
    .replaceAll(/<(\w+)([^<>]*?) ?\/>/g, "<$1$2></$1>")
    .replaceAll(/ ?([<>]) ?/g, "$1");

test("what is seen before any script has run is what the page shows while it reads", () => {
  const html = fs.readFileSync(new URL("../index.html", import.meta.url), "utf8");
  const [, root = ""] = /<div id="root">([\s\S]*)<\/div>\s*<noscript>/.exec(html) ?? [];
  expect(tagsOf(root)).toBe(tagsOf(renderToStaticMarkup(<PageSkeleton />)));
});
