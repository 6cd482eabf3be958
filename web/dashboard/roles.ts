// What the members of an organisation are, and what the reader may make of them: nobody gives or takes more than they have, and
// an organisation keeps an owner. The API decides the same; the page does not offer what would be refused. Pure.

import { isAtLeast as isRoleAtLeast, type Role } from "../../core/role.ts";

/** From the least to the most: each may do what those before it may. */
export const ROLES: readonly { id: Role; label: string; may: string }[] = [
  { id: "viewer", label: "Viewer", may: "reads numbers, rules and books" },
  { id: "analyst", label: "Analyst", may: "saves segments and annotations too" },
  { id: "admin", label: "Admin", may: "sets merchants up, invites and shares too" },
  { id: "owner", label: "Owner", may: "makes owners, gives away and deletes too" },
];

export const roleLabel = (role: Role | null): string => ROLES.find(({ id }) => id === role)?.label ?? "Operator";

/** `null` is the operator, who may do everything. */
export const isAtLeast = (role: Role | null, needed: Role): boolean => role === null || isRoleAtLeast(role, needed);

/** The roles that somebody of this role may give. */
export const givable = (own: Role | null) => ROLES.filter(({ id }) => isAtLeast(own, id));

export interface Member {
  person: string;
  role: Role;
}

/** Whether the reader may give a member another role, or take theirs away. One's own is left in the account. */
export function mayChange(
  member: Member,
  reader: { own: Role | null; person: string | null },
  all: readonly Member[],
): boolean {
  if (member.person === reader.person || !isAtLeast(reader.own, "admin")) return false;
  return isAtLeast(reader.own, member.role) && !isOnlyOwner(member, all);
}

export const isOnlyOwner = (member: Member, all: readonly Member[]): boolean =>
  member.role === "owner" && !all.some(({ person, role }) => role === "owner" && person !== member.person);
