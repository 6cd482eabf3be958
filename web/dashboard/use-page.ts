// The page that the address names, and links that change it without loading anything. What the address asks for (merchant,
// dates, filters) stays.

import { type MouseEvent, useCallback, useMemo, useSyncExternalStore } from "react";
import { formatPage, type Page, parsePage } from "./page.ts";
import { addressChanged, subscribeToAddress } from "./use-view.ts";

export const usePage = (): Page => {
  const path = useSyncExternalStore(
    subscribeToAddress,
    useCallback(() => location.pathname, []),
  );
  return useMemo(() => parsePage(path), [path]);
};

export function goTo(page: Page): void {
  history.pushState(null, "", `${formatPage(page)}${location.search}`);
  addressChanged();
  scrollTo(0, 0);
}

/** Of an `<a>`: a real address, and no loading when it is pressed plainly. */
export const linkTo = (page: Page) => ({
  href: `${formatPage(page)}${location.search}`,
  onClick: (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    goTo(page);
  },
});
