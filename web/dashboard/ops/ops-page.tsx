// How the system runs, for operators: a list of sections, and the one that the address names.

import { type ComponentType, lazy, Suspense } from "react";
import { useMe } from "../me.ts";
import { Notice } from "../notice.tsx";
import { OPERATIONS, type OpsSection } from "../page.ts";
import { SkeletonRows } from "../skeleton.tsx";
import { SubPage } from "../sub-page.tsx";
import { linkTo } from "../use-page.ts";

export interface OpsSectionProps {
  /** What of the section: a run's id. */
  item: string | null;
}

const SECTIONS: Readonly<Partial<Record<OpsSection, ComponentType<OpsSectionProps>>>> = {
  replays: lazy(() => import("./replays-section.tsx")),
  letters: lazy(() => import("./letters-section.tsx")),
  status: lazy(() => import("./status-section.tsx")),
};

export default function OpsPage({ section, item }: { section: OpsSection; item: string | null }) {
  const me = useMe();
  const Section = SECTIONS[section];
  const title = OPERATIONS.find(({ id }) => id === section)?.label ?? "";
  const sections = OPERATIONS.filter(({ id }) => SECTIONS[id] !== undefined).map(({ id, label }) => ({
    id,
    label,
    link: linkTo({ kind: "ops", section: id, item: null }),
  }));
  return (
    <SubPage merchant={null} title={title} label="Operations" sections={sections} chosen={section}>
      {me?.operator === false ? (
        <Notice kind="note" title="For operators only">
          Sign in with the operator token to see how the system runs.
        </Notice>
      ) : (
        <Suspense fallback={<SkeletonRows rows={6} />}>
          {Section === undefined ? <p className="quiet">There is nothing here yet.</p> : <Section item={item} />}
        </Suspense>
      )}
    </SubPage>
  );
}
