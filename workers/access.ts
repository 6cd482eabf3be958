// Who asks, and what they may: the one place where tenants are kept apart. The guard says who it is (`c.get("access")`); a
// route that touches a merchant asks `permits` before anything else, and answers 404 for a merchant that the asker may not
// know of. A merchant belongs to an organisation, and a person has one role in it. A token opens merchants, never what concerns
// people.

import { isAtLeast, type Role } from "../core/role.ts";
import type { Person } from "./auth-session.ts";
import type { Token } from "./known-tokens.ts";

/**
 * What is done to a merchant: looking at its numbers, reading all there is for members, saving segments and annotations, changing
 * how it is set up, giving it away or deleting it, running its operations.
 */
export type Action = "report" | "read" | "annotate" | "configure" | "own" | "operate";

const NEEDED: Record<Exclude<Action, "operate">, Role> = {
  report: "viewer",
  read: "viewer",
  annotate: "analyst",
  configure: "admin",
  own: "owner",
};

/** An ingest token sends events, which is not asked here. */
const OPENED: Record<Token["scope"], readonly Action[]> = {
  read: ["report", "read"],
  ingest: [],
  ops: ["report", "read", "operate"],
};

/** Whose a merchant is: null when nobody's, or when there is no such merchant. */
type OrganisationOf = (merchant: string) => Promise<string | null>;

export type Access =
  /** The holder of the operator token: every merchant, everything. */
  | { kind: "operator" }
  /** Somebody who is signed in. */
  | (Person & { kind: "person"; organisationOf: OrganisationOf })
  /** A program. */
  | (Token & { kind: "token"; organisationOf: OrganisationOf })
  /** Whoever has opened a shared link: looks at one merchant's numbers, and no more. */
  | { kind: "link"; link: string; merchant: string };

/** The variables that the guard sets, for `Hono<{ Bindings: Env; Variables: Guarded }>`. */
export interface Guarded {
  access: Access;
}

/** Whether the asker may do this to the merchant. */
export async function permits(access: Access, merchant: string, action: Action): Promise<boolean> {
  if (access.kind === "operator" || access.kind === "link") return permitsAt(access, merchant, null, action);
  return permitsAt(access, merchant, await access.organisationOf(merchant), action);
}

/** The same of a merchant of which it is known whose it is. */
export function permitsAt(access: Access, merchant: string, organisation: string | null, action: Action): boolean {
  if (access.kind === "link") return action === "report" && merchant === access.merchant;
  if (access.kind !== "token")
    return access.kind === "operator" || (organisation !== null && permitsIn(access, organisation, action));
  return OPENED[access.scope].includes(action) && opens(access, merchant, organisation);
}

/** Whether the token is for the merchant: no more when that has been given to others since. */
export const opens = (token: Token, merchant: string, organisation: string | null): boolean =>
  organisation === token.organisation &&
  (token.merchant === null ? token.organisation !== null : token.merchant === merchant);

/** Whether the asker may do this to the organisation, and so to each of its merchants. */
export function permitsIn(access: Access, organisation: string, action: Action): boolean {
  if (access.kind === "operator") return true;
  const role = roleIn(access, organisation);
  return role !== null && action !== "operate" && isAtLeast(role, NEEDED[action]);
}

/** What a person is in an organisation: null when nothing, and for everybody else. */
export const roleIn = (access: Access, organisation: string): Role | null =>
  access.kind === "person" && Object.hasOwn(access.roles, organisation) ? access.roles[organisation]! : null;

/** Who did it, for records that people read. */
export function nameOf(access: Access): string {
  if (access.kind === "operator") return "operator";
  if (access.kind === "link") return `link ${access.link}`;
  return access.kind === "person" ? access.email : `token ${access.id}`;
}
