// The reader's own account: name, address, password, second factor, where it is signed in, and which organisations it belongs to.

import { NameCard } from "../account/name-card.tsx";
import { OrganisationsCard } from "../account/organisations-card.tsx";
import { PasswordCard } from "../account/password-card.tsx";
import { SecondFactorCard } from "../account/second-factor-card.tsx";
import { SessionsCard } from "../account/sessions-card.tsx";
import { useMe } from "../me.ts";
import { Notice } from "../notice.tsx";
import { SkeletonRows } from "../skeleton.tsx";

export default function AccountSection() {
  const me = useMe();
  if (me === undefined) return <SkeletonRows rows={6} />;
  const { person } = me;
  return (
    <>
      {person === null ? (
        <Notice kind="note" title="You are signed in with the operator token">
          It belongs to nobody: an account, with a password and a second factor of its own, has whoever signs up.
        </Notice>
      ) : (
        <>
          <NameCard person={person} />
          <PasswordCard email={person.email} />
          <SecondFactorCard />
          <SessionsCard />
        </>
      )}
      <OrganisationsCard person={person?.id ?? null} />
    </>
  );
}
