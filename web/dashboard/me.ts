// Who is looking at the page: an operator with the token, or a person with roles in organisations.

import type { Role } from "../../core/role.ts";
import useSWR from "swr";
import { send } from "./api.ts";

export interface Me {
  operator: boolean;
  person: { id: string; name: string; email: string } | null;
  /** By organisation. */
  roles: Readonly<Record<string, Role>>;
}

export const useMe = (): Me | undefined =>
  useSWR("me", () => send<Me>("GET", "/api/v1/me"), { revalidateOnFocus: false }).data;

/** Ends the session, whichever it is, and begins the page anew. */
export async function signOut(): Promise<void> {
  await Promise.allSettled([send("DELETE", "/api/v1/session"), send("POST", "/api/auth/sign-out", {})]);
  location.assign("/");
}
