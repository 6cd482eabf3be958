import { expect, test } from "vitest";
import { embedCode } from "./embed-code.ts";

test("a merchant's name does not end the attribute that it stands in", () => {
  expect(embedCode("https://c.example/share/l_1", 'Hats "&" <b>')).toBe(
    '<iframe src="https://c.example/share/l_1" title="Hats &quot;&amp;&quot; &lt;b&gt;" width="100%" height="900" style="border: 0" loading="lazy"></iframe>',
  );
});
