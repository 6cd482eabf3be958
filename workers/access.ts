// Who asks, and what they may: the one place where tenants are kept apart. The guard says who it is (`c.get("access")`); a
// route that touches a merchant asks `permits` before anything else, and answers 404 for a merchant that the asker may not
// know of.

/** What is done to a merchant: reading its reports, changing how it is set up, running its operations. */
export type Action = "read" | "configure" | "operate";

export type Access =
  /** The holder of the operator token: every merchant, everything. */
  { kind: "operator" };

/** The variables that the guard sets, for `Hono<{ Bindings: Env; Variables: Guarded }>`. */
export interface Guarded {
  access: Access;
}

/** Whether the asker may do this to the merchant. */
export const permits = async (access: Access, _merchant: string, _action: Action): Promise<boolean> =>
  access.kind === "operator";
