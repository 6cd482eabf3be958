// A shared link as those who make it see it.

export interface LinkView {
  id: string;
  name: string;
  /** Where it opens. */
  url: string;
  /** Whether one is asked for. */
  password: boolean;
  public: boolean;
  origins: string[];
  state: "open" | "expired" | "revoked";
  who: string;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** To the hour or so. */
  opened_at: string | null;
}
