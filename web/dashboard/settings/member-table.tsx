// The members of an organisation: who they are, their roles, and, for whoever may, other roles and the way out.

import { Button } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import type { Role } from "../me.ts";
import { Refused } from "../reading.tsx";
import { givable, isOnlyOwner, type Member, mayChange, roleLabel } from "../roles.ts";
import { useAct } from "../use-act.ts";
import { dayOf } from "../when.ts";
import "../styles/overlay.css";

export interface ListedMember extends Member {
  name: string;
  email: string;
  two_factor: boolean;
  since: string;
}

interface MemberTableProps {
  organisation: string;
  members: readonly ListedMember[];
  /** The reader's role; null for the operator. */
  own: Role | null;
  reader: string | null;
  onChanged: () => Promise<unknown>;
}

export function MemberTable({ organisation, members, own, reader, onChanged }: MemberTableProps) {
  const { busy, problem, act } = useAct();
  const address = (person: string): string =>
    `/api/v1/members/${encodeURIComponent(organisation)}/${encodeURIComponent(person)}`;
  const changed = async (what: Promise<unknown>): Promise<void> => {
    await what;
    await onChanged();
  };
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="group" aria-label="Members">
        <table className="plain-table">
          <thead>
            <tr>
              {["Name", "Role", "Second factor", "Since"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {members.map((member) => {
              const changeable = mayChange(member, { own, person: reader }, members);
              return (
                <tr key={member.person}>
                  <th scope="row">
                    {member.name}
                    {member.person === reader ? <span className="quiet"> (you)</span> : null}
                    <br />
                    <span className="quiet">{member.email}</span>
                  </th>
                  <td>
                    {changeable ? (
                      <RoleMenu
                        member={member}
                        own={own}
                        busy={busy}
                        onChoose={(role) => void act(() => changed(send("PATCH", address(member.person), { role })))}
                      />
                    ) : (
                      roleLabel(member.role)
                    )}
                    {isOnlyOwner(member, members) ? (
                      <>
                        <br />
                        <span className="quiet">the only one</span>
                      </>
                    ) : null}
                  </td>
                  <td>{member.two_factor ? "On" : "Off"}</td>
                  <td>{dayOf(member.since, "")}</td>
                  <td className="number">
                    {changeable ? (
                      <ConfirmButton
                        label="Remove"
                        name={`Remove ${member.name}`}
                        title={`Remove ${member.name}?`}
                        onConfirm={() => changed(send("DELETE", address(member.person)))}
                      >
                        They see none of the organisation’s merchants any more. Their account stays.
                      </ConfirmButton>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Refused problem={problem} />
    </>
  );
}

interface RoleMenuProps {
  member: ListedMember;
  own: Role | null;
  busy: boolean;
  onChoose: (role: Role) => void;
}

function RoleMenu({ member, own, busy, onChoose }: RoleMenuProps) {
  return (
    <MenuTrigger>
      <Button
        className="button button-small"
        isPending={busy}
        aria-label={`Role of ${member.name}: ${roleLabel(member.role)}`}
      >
        {roleLabel(member.role)} <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <Menu
          className="options"
          aria-label={`Role of ${member.name}`}
          selectionMode="single"
          selectedKeys={[member.role]}
          onAction={(key) => {
            if (key !== member.role) onChoose(key as Role);
          }}
        >
          {givable(own).map(({ id, label, may }) => (
            <MenuItem key={id} id={id} className="option" textValue={label}>
              <span>{label}</span>
              <small>{may}</small>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
