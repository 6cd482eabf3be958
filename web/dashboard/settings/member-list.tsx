// The members of an organisation: who they are, their roles, and, for whoever may, other roles and the way out.

import { Button } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { send } from "../api.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import type { Role } from "../../../core/role.ts";
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

interface MemberListProps {
  organisation: string;
  members: readonly ListedMember[];
  /** The reader's role; null for the operator. */
  own: Role | null;
  reader: string | null;
  onChanged: () => Promise<unknown>;
}

export function MemberList({ organisation, members, own, reader, onChanged }: MemberListProps) {
  const { busy, problem, act } = useAct();
  const address = (person: string): string =>
    `/api/v1/members/${encodeURIComponent(organisation)}/${encodeURIComponent(person)}`;
  const changed = async (what: Promise<unknown>): Promise<void> => {
    await what;
    await onChanged();
  };
  return (
    <>
      <ul className="row-list" aria-label="Members">
        {members.map((member) => {
          const changeable = mayChange(member, { own, person: reader }, members);
          const { person, name, email, role } = member;
          return (
            <li key={person}>
              <span>
                {name} {person === reader ? <span className="quiet">(you)</span> : null}
                <br />
                <span className="quiet">
                  {email} · second factor {member.two_factor ? "on" : "off"} · since {dayOf(member.since, "")}
                </span>
              </span>
              <span className="row-end">
                {changeable ? (
                  <>
                    <RoleMenu
                      member={member}
                      own={own}
                      busy={busy}
                      onChoose={(given) => void act(() => changed(send("PATCH", address(person), { role: given })))}
                    />
                    <ConfirmButton
                      label="Remove"
                      name={`Remove ${name}`}
                      title={`Remove ${name}?`}
                      onConfirm={() => changed(send("DELETE", address(person)))}
                    >
                      They see none of the organisation’s merchants any more. Their account stays.
                    </ConfirmButton>
                  </>
                ) : (
                  `${roleLabel(role)}${isOnlyOwner(member, members) ? ", the only one" : ""}`
                )}
              </span>
            </li>
          );
        })}
      </ul>
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
