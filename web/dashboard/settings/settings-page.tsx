// How a merchant is set up, and the reader's own account: a list of sections, and the one that the address names. Each section is
// loaded when it is opened and reads what it needs by itself. Without any merchant, what needs none is there.

import type { ListedMerchant } from "../../../core/merchant-list.ts";
import { type ComponentType, lazy, Suspense } from "react";
import { SETTINGS, type SettingsSection } from "../page.ts";
import { isAtLeast } from "../roles.ts";
import { SkeletonRows } from "../skeleton.tsx";
import { SubPage } from "../sub-page.tsx";
import { linkTo } from "../use-page.ts";
import "../styles/settings.css";

export interface SectionProps {
  merchant: ListedMerchant;
}

const OF_MERCHANT: Readonly<Partial<Record<SettingsSection, ComponentType<SectionProps>>>> = {
  merchant: lazy(() => import("./merchant-section.tsx")),
  people: lazy(() => import("./people-section.tsx")),
  goals: lazy(() => import("./goals-section.tsx")),
  rules: lazy(() => import("./rules-section.tsx")),
  tokens: lazy(() => import("./tokens-section.tsx")),
  sharing: lazy(() => import("./sharing-section.tsx")),
  audit: lazy(() => import("./audit-section.tsx")),
  books: lazy(() => import("./books-section.tsx")),
  data: lazy(() => import("./data-section.tsx")),
};

/** Their API is for admins and owners alone. */
const FOR_ADMINS: readonly SettingsSection[] = ["tokens", "audit"];

const OF_READER: Readonly<Partial<Record<SettingsSection, ComponentType<{ first: boolean }>>>> = {
  account: lazy(() => import("./account-section.tsx")),
  "new-merchant": lazy(() => import("./new-merchant-section.tsx")),
};

export default function SettingsPage(props: { merchant: ListedMerchant | null; section: SettingsSection }) {
  const { merchant } = props;
  const section = merchant === null && !(props.section in OF_READER) ? "new-merchant" : props.section;
  const Merchants = OF_MERCHANT[section];
  const Readers = OF_READER[section];
  const title = SETTINGS.find(({ id }) => id === section)?.label ?? "";
  const isOpen = (id: SettingsSection): boolean =>
    merchant !== null && (!FOR_ADMINS.includes(id) || isAtLeast(merchant.role, "admin"));
  const sections = SETTINGS.filter(({ id }) => id in OF_READER || (id in OF_MERCHANT && isOpen(id))).map(
    ({ id, label }) => ({ id, label, link: linkTo({ kind: "settings", section: id }) }),
  );
  return (
    <SubPage
      merchant={merchant}
      title={title}
      label="Settings"
      sections={sections}
      chosen={section}
      numbers={merchant !== null}
    >
      <Suspense fallback={<SkeletonRows rows={6} />}>
        {Readers !== undefined ? (
          <Readers first={merchant === null} />
        ) : Merchants !== undefined && merchant !== null && isOpen(section) ? (
          <Merchants merchant={merchant} />
        ) : (
          <p className="quiet">Admins and owners see this.</p>
        )}
      </Suspense>
    </SubPage>
  );
}
