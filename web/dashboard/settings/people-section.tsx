// Who belongs to the merchant's organisation and as what, and who is invited. What the reader's role does not allow is not offered.

import { send } from "../api.ts";
import { useMe } from "../me.ts";
import { Reading } from "../reading.tsx";
import { ActForm } from "../act-form.tsx";
import { givable, isAtLeast } from "../roles.ts";
import { useRead } from "../use-read.ts";
import { Invitations } from "./invitations-card.tsx";
import { type ListedMember, MemberList } from "./member-list.tsx";
import type { SectionProps } from "./settings-page.tsx";
import { mutate as mutateAll } from "swr";

export default function PeopleSection({ merchant }: SectionProps) {
  if (merchant.organisation === null) return <NoOrganisation merchant={merchant.id} />;
  return <Organisation id={merchant.organisation} own={merchant.role} />;
}

function Organisation({ id, own }: { id: string; own: SectionProps["merchant"]["role"] }) {
  const me = useMe();
  const of = `organisation=${encodeURIComponent(id)}`;
  const organisation = useRead<{ name: string }>(`/api/v1/organisations/${encodeURIComponent(id)}`);
  const members = useRead<{ members: ListedMember[] }>(`/api/v1/members?${of}`);
  const mayInvite = isAtLeast(own, "admin");
  const again = () => members.mutate();
  return (
    <>
      <p>
        Whoever belongs to {organisation.data === undefined ? "the organisation" : <b>{organisation.data.name}</b>} sees
        all of its merchants.
      </p>
      <section className="card" aria-labelledby="people-members">
        <h2 id="people-members">Members</h2>
        <Reading of={members}>
          {({ members: all }) => (
            <MemberList organisation={id} members={all} own={own} reader={me?.person?.id ?? null} onChanged={again} />
          )}
        </Reading>
        {mayInvite ? null : <p className="quiet">Admins and owners invite people and change roles.</p>}
      </section>
      {mayInvite ? <Invitations organisation={id} roles={givable(own)} /> : null}
    </>
  );
}

/** Only the operator sees such a merchant. */
function NoOrganisation({ merchant }: { merchant: string }) {
  const organisations = useRead<{ organisations: { id: string; name: string }[] }>("/api/v1/organisations");
  const give = async (text: (field: string) => string): Promise<void> => {
    await send("POST", `/api/v1/merchants/${merchant}/transfer`, { organisation: text("organisation") });
    await mutateAll("merchants");
  };
  return (
    <section className="card" aria-labelledby="people-none">
      <h2 id="people-none">This merchant belongs to no organisation</h2>
      <p>Only the operator sees it. Give it to an organisation, and its members see it too.</p>
      <Reading of={organisations}>
        {({ organisations: all }) =>
          all.length === 0 ? (
            <p className="quiet">There is no organisation yet: sign up as a person, and make one in “Your account”.</p>
          ) : (
            <ActForm button="Give it to them" act={give}>
              <label>
                Organisation
                <select name="organisation">
                  {all.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
            </ActForm>
          )
        }
      </Reading>
    </section>
  );
}
