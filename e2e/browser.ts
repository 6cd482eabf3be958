// A real browser for tests, out of npm: nothing of the machine is needed but Node. It runs headless and as any user.

import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** The caller closes it. The first call on a machine unpacks the browser, which takes some seconds. */
export async function launchBrowser(): Promise<Browser> {
  // Not the package's own arguments: they switch off the rules between origins, and closing one page ends them all.
  const args = ["--no-sandbox"];
  return chromium.launch({ executablePath: await sparticuz.executablePath(), args, headless: true });
}
