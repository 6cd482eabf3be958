// The frame of pages beside the numbers: the way back, their sections, and the one that is open.

import type { ListedMerchant } from "../../core/merchant-list.ts";
import type { MouseEvent, ReactNode } from "react";
import { Brand } from "./brand.tsx";
import { MenuButton } from "./menu-button.tsx";
import { linkTo } from "./use-page.ts";
import "./styles/sub-page.css";

export interface SubPageProps {
  /** Whose page it is; none of the system's. */
  merchant: ListedMerchant | null;
  /** What kind of pages these are: "Settings". */
  label: string;
  title: string;
  sections: readonly { id: string; label: string; link: { href: string; onClick: (event: MouseEvent) => void } }[];
  chosen: string;
  /** Whether there are numbers to go back to. */
  numbers?: boolean;
  children: ReactNode;
}

export function SubPage({ merchant, label, title, sections, chosen, numbers = true, children }: SubPageProps) {
  return (
    <>
      <header className="top-bar top-bar-short">
        <Brand />
        {merchant === null ? null : <span className="merchant-name">{merchant.name}</span>}
        <div className="top-bar-end">
          {numbers ? (
            <a className="button" {...linkTo({ kind: "numbers" })}>
              ← Numbers
            </a>
          ) : null}
          <MenuButton />
        </div>
      </header>
      <main className="page sub-page">
        <nav aria-label={label}>
          <ul>
            {sections.map(({ id, label: name, link }) => (
              <li key={id}>
                <a {...link} aria-current={id === chosen ? "page" : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="sub-page-content">
          <h1>{title}</h1>
          {children}
        </div>
      </main>
    </>
  );
}
