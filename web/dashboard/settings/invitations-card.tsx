// Asking somebody into the organisation by mail, and the invitations that are open.

import { ActForm } from "../act-form.tsx";
import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import type { Role } from "../../../core/role.ts";
import { Reading } from "../reading.tsx";
import { roleLabel } from "../roles.ts";
import { useRead } from "../use-read.ts";
import { dayOf } from "../when.ts";

interface Invitation {
  id: string;
  email: string;
  role: Role;
  expires_at: string;
}

interface InvitationsProps {
  organisation: string;
  /** Those that the reader may give. */
  roles: readonly { id: Role; label: string; may: string }[];
}

export function Invitations({ organisation, roles }: InvitationsProps) {
  const open = useRead<{ invitations: Invitation[] }>(
    `/api/v1/invitations?organisation=${encodeURIComponent(organisation)}`,
  );
  const invite = async (text: (field: string) => string): Promise<void> => {
    await send("POST", "/api/v1/invitations", { organisation, email: text("email"), role: text("role") });
    await open.mutate();
  };
  const withdraw = async (id: string): Promise<void> => {
    await send("DELETE", `/api/v1/invitations/${encodeURIComponent(id)}`);
    await open.mutate();
  };
  return (
    <section className="card" aria-labelledby="people-invitations">
      <h2 id="people-invitations">Invitations</h2>
      <Reading of={open}>
        {({ invitations: all }) =>
          all.length === 0 ? (
            <p className="quiet">None is open.</p>
          ) : (
            <ul className="row-list" aria-label="Open invitations">
              {all.map(({ id, email, role, expires_at: until }) => (
                <li key={id}>
                  <span>
                    {email}
                    <br />
                    <span className="quiet">
                      {roleLabel(role)}, until {dayOf(until, "")}
                    </span>
                  </span>
                  <ConfirmButton
                    label="Withdraw"
                    name={`Withdraw the invitation of ${email}`}
                    title={`Withdraw the invitation of ${email}?`}
                    onConfirm={() => withdraw(id)}
                  >
                    The link in the mail works no more.
                  </ConfirmButton>
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
      <ActForm button="Invite" done="The mail is on its way." act={invite}>
        <label>
          Address of mail
          <input name="email" type="email" required maxLength={254} autoComplete="off" />
        </label>
        <label>
          Role
          <select name="role">
            {roles.map(({ id, label, may }) => (
              <option key={id} value={id}>
                {label}: {may}
              </option>
            ))}
          </select>
        </label>
        <p className="quiet">The link holds for seven days. Inviting the same address again replaces it.</p>
      </ActForm>
    </section>
  );
}
