// What others may look at without an account: shared links; and what members share: saved segments.

import { isAtLeast } from "../roles.ts";
import { LinksCard } from "./links-card.tsx";
import { SegmentsCard } from "./segments-card.tsx";
import type { SectionProps } from "./settings-page.tsx";

export default function SharingSection({ merchant }: SectionProps) {
  return (
    <>
      {isAtLeast(merchant.role, "admin") ? (
        <LinksCard merchant={merchant.id} name={merchant.name} />
      ) : (
        <p className="quiet">Admins and owners share the numbers by links.</p>
      )}
      <SegmentsCard merchant={merchant.id} mayRemove={isAtLeast(merchant.role, "analyst")} />
    </>
  );
}
