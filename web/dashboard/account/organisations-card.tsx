// The organisations that one belongs to: another name, the way out, the end of one without merchants, and a new one.

import { useState } from "react";
import { mutate as mutateAll } from "swr";
import { ActForm } from "../act-form.tsx";
import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import type { Role } from "../../../core/role.ts";
import { Reading } from "../reading.tsx";
import { isAtLeast, roleLabel } from "../roles.ts";
import { linkTo } from "../use-page.ts";
import { useRead } from "../use-read.ts";

const ADDRESS = "/api/v1/organisations";

export interface Organisation {
  id: string;
  name: string;
  members: number;
  merchants: number;
  /** The reader's; null for the operator. */
  role: Role | null;
}

export function OrganisationsCard({
  person,
}: {
  /** Null: the operator, who belongs to none. */ person: string | null;
}) {
  const organisations = useRead<{ organisations: Organisation[] }>(ADDRESS);
  const changed = async (what: Promise<unknown>): Promise<void> => {
    await what;
    await Promise.all([organisations.mutate(), mutateAll("me"), mutateAll("merchants")]);
  };
  return (
    <section className="card" aria-labelledby="account-organisations">
      <h2 id="account-organisations">{person === null ? "Organisations" : "Your organisations"}</h2>
      <p>
        An organisation owns merchants, and people belong to it.{" "}
        <a {...linkTo({ kind: "settings", section: "new-merchant" })}>A new merchant</a>
      </p>
      <Reading of={organisations}>
        {({ organisations: all }) =>
          all.length === 0 ? (
            <p className="quiet">None yet.</p>
          ) : (
            <ul className="row-list" aria-label="Organisations">
              {all.map((organisation) => (
                <OrganisationRow
                  key={organisation.id}
                  organisation={organisation}
                  isMember={person !== null}
                  onChange={changed}
                />
              ))}
            </ul>
          )
        }
      </Reading>
      <ActForm
        button="Make the organisation"
        done="It is there."
        act={(text) => changed(send("POST", ADDRESS, { name: text("name") }))}
      >
        <label>
          Name of a new organisation
          <input name="name" required maxLength={100} autoComplete="organization" />
        </label>
      </ActForm>
    </section>
  );
}

interface OrganisationRowProps {
  organisation: Organisation;
  isMember: boolean;
  onChange: (what: Promise<unknown>) => Promise<void>;
}

function OrganisationRow({ organisation, isMember, onChange }: OrganisationRowProps) {
  const { id, name, role, members, merchants } = organisation;
  const [renaming, setRenaming] = useState(false);
  const address = `${ADDRESS}/${encodeURIComponent(id)}`;
  return (
    <li>
      <span>
        {name}
        <br />
        <span className="quiet">
          {isMember ? `${roleLabel(role)} · ` : ""}
          {counted(members, "member")}, {counted(merchants, "merchant")}
        </span>
      </span>
      <span className="row-end">
        {isAtLeast(role, "admin") ? (
          <button
            type="button"
            className="link"
            aria-label={`Rename ${name}`}
            aria-expanded={renaming}
            onClick={() => setRenaming(!renaming)}
          >
            Rename
          </button>
        ) : null}
        {/* Whoever is alone in it is its last owner. */}
        {isMember && members > 1 ? (
          <ConfirmButton
            label="Leave"
            name={`Leave ${name}`}
            title={`Leave ${name}?`}
            onConfirm={() => onChange(send("POST", `${address}/leave`))}
          >
            You see none of its merchants any more, until somebody invites you again.
          </ConfirmButton>
        ) : null}
        {isAtLeast(role, "owner") && merchants === 0 ? (
          <ConfirmButton
            label="Delete"
            name={`Delete ${name}`}
            title={`Delete ${name}?`}
            onConfirm={() => onChange(send("DELETE", address))}
          >
            It has no merchants. Nobody belongs to it any more.
          </ConfirmButton>
        ) : null}
      </span>
      {renaming ? (
        <ActForm
          button="Save the name"
          act={async (text) => {
            await onChange(send("PATCH", address, { name: text("name") }));
            setRenaming(false);
          }}
        >
          <label>
            Name of {name}
            <input name="name" defaultValue={name} required maxLength={100} autoFocus />
          </label>
        </ActForm>
      ) : null}
    </li>
  );
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
