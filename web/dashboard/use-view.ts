// The page's state, which is its address. `change` writes it: as a new step for what a person would want to go back
// from (merchant, range, filters, a list opened), in place for the rest.

import { useCallback, useMemo, useSyncExternalStore } from "react";
import { formatView, parseView, type View } from "./view.ts";

const listeners = new Set<() => void>();

/** Calls back whenever the address has changed, whoever changed it. */
export const subscribeToAddress = (listener: () => void): (() => void) => {
  listeners.add(listener);
  addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("popstate", listener);
  };
};

const STEPS = ["merchant", "range", "filters", "detail"] as const satisfies readonly (keyof View)[];

export const addressChanged = (): void => {
  for (const listener of listeners) listener();
};

export type ChangeView = (changes: Partial<View>) => void;

const change: ChangeView = (changes) => {
  const next = formatView({ ...parseView(location.search), ...changes });
  const step = STEPS.some((name) => changes[name] !== undefined);
  history[step ? "pushState" : "replaceState"](null, "", `${location.pathname}${next}`);
  addressChanged();
};

export const useView = (): { view: View; change: ChangeView } => {
  const search = useSyncExternalStore(
    subscribeToAddress,
    useCallback(() => location.search, []),
  );
  const view = useMemo(() => parseView(search), [search]);
  return { view, change };
};
