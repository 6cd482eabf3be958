// An entry of the audit log as the API shows it.

export interface AuditEntry {
  id: number;
  /** ISO 8601. */
  at: string;
  who: string;
  action: string;
  merchant: string | null;
  organisation: string | null;
  /** Of a change, what it changed; null where there was nothing. */
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  /** What else there is to say. */
  details: Record<string, unknown>;
}
