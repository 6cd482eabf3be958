// Where else one can go: the present, settings, operations, the API's pages, and out.

import { Menu, MenuItem } from "react-aria-components/Menu";
import { signOut, useMe } from "./me.ts";
import { Overlay } from "./overlay.tsx";
import { goTo } from "./use-page.ts";
import type { OverlayProps } from "./use-overlay.ts";

export default function PageMenu({ overlay }: { overlay: OverlayProps }) {
  const me = useMe();
  const items = [
    { id: "numbers", label: "Numbers", act: () => goTo({ kind: "numbers" }) },
    { id: "now", label: "Right now", act: () => goTo({ kind: "now" }) },
    { id: "settings", label: "Settings", act: () => goTo({ kind: "settings", section: "merchant" }) },
    ...(me?.operator === true
      ? [{ id: "ops", label: "Operations", act: () => goTo({ kind: "ops", section: "status", item: null }) }]
      : [{ id: "account", label: "Your account", act: () => goTo({ kind: "settings", section: "account" }) }]),
    { id: "new", label: "New merchant", act: () => goTo({ kind: "settings", section: "new-merchant" }) },
    { id: "api", label: "API", act: () => location.assign("/docs/api") },
    { id: "out", label: "Sign out", act: () => void signOut() },
  ];
  return (
    <Overlay overlay={overlay} label="Where to go">
      {me?.person === null || me === undefined ? null : <p className="menu-who">{me.person.email}</p>}
      <Menu
        className="options"
        aria-label="Where to go"
        autoFocus
        onAction={(key) => {
          overlay.onOpenChange(false);
          items.find(({ id }) => id === key)?.act();
        }}
      >
        {items.map(({ id, label }) => (
          <MenuItem key={id} id={id} className="option" textValue={label}>
            {label}
          </MenuItem>
        ))}
      </Menu>
    </Overlay>
  );
}
