// Single keys that act anywhere on the page: ranges, comparison, help. They stay out of the way of typing, of menus
// that jump by letter, and of the browser's own combinations.

import { useEffect } from "react";

export const useKeys = (actions: Readonly<Record<string, () => void>>): void => {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(TAKES_LETTERS) !== null) return;
      // Radio buttons go from one to the next by arrow keys.
      if (event.key.startsWith("Arrow") && event.target instanceof HTMLInputElement) return;
      const action = actions[event.key.toUpperCase()];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [actions]);
};

const TAKES_LETTERS =
  "input:not([type=radio]), textarea, select, [contenteditable], [role=listbox], [role=dialog], [role=menu]";
