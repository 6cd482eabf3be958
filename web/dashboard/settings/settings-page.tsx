// How a merchant is set up: a list of sections, and the one that the address names. Each section is loaded when it is opened
// and reads what it needs by itself.

import { type ComponentType, lazy, Suspense } from "react";
import type { MerchantSummary } from "../api.ts";
import { SETTINGS, type SettingsSection } from "../page.ts";
import { SkeletonRows } from "../skeleton.tsx";
import { SubPage } from "../sub-page.tsx";
import { linkTo } from "../use-page.ts";

export interface SectionProps {
  merchant: MerchantSummary;
}

const SECTIONS: Readonly<Partial<Record<SettingsSection, ComponentType<SectionProps>>>> = {
  merchant: lazy(() => import("./merchant-section.tsx")),
  goals: lazy(() => import("./goals-section.tsx")),
  rules: lazy(() => import("./rules-section.tsx")),
  data: lazy(() => import("./data-section.tsx")),
  books: lazy(() => import("./books-section.tsx")),
};

export default function SettingsPage(props: { merchant: MerchantSummary; section: SettingsSection }) {
  const { merchant, section } = props;
  const Section = SECTIONS[section];
  const title = SETTINGS.find(({ id }) => id === section)?.label ?? "";
  const sections = SETTINGS.filter(({ id }) => SECTIONS[id] !== undefined).map(({ id, label }) => ({
    id,
    label,
    link: linkTo({ kind: "settings", section: id }),
  }));
  return (
    <SubPage merchant={merchant} title={title} label="Settings" sections={sections} chosen={section}>
      <Suspense fallback={<SkeletonRows rows={6} />}>
        {Section === undefined ? <p className="quiet">There is nothing here yet.</p> : <Section merchant={merchant} />}
      </Suspense>
    </SubPage>
  );
}
