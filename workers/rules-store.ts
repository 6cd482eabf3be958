// A merchant's rules in Postgres: versions that are only ever added. Who saves names the version that they have seen; when
// somebody else was faster, nothing is saved.

import { isSmall } from "../core/rules-reader.ts";
import type { Rules } from "../core/rules.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export interface RulesVersion {
  version: number;
  who: string;
  why: string | null;
  /** ISO 8601. */
  at: string;
}

export interface SavedRules extends RulesVersion {
  /** With their version. */
  rules: Rules;
}

const COLUMNS = `version, who, why, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at`;

/** The newest ones, or those of a version; null when there are none. */
export async function readRules(env: Env, merchant: string, version: number | null = null): Promise<SavedRules | null> {
  const [row] = await database(env).query(
    `SELECT ${COLUMNS}, rules FROM rules_versions
    WHERE merchant = $1 AND ($2::int IS NULL OR version = $2) ORDER BY version DESC LIMIT 1`,
    [merchant, version],
  );
  if (row === undefined) return null;
  const saved = row as SavedRules;
  return { ...saved, rules: { ...saved.rules, version: saved.version } };
}

/** The newest first. */
export async function listVersions(env: Env, merchant: string, limit: number): Promise<RulesVersion[]> {
  const rows = await database(env).query(
    `SELECT ${COLUMNS} FROM rules_versions WHERE merchant = $1 ORDER BY version DESC LIMIT $2`,
    [merchant, limit],
  );
  return rows as RulesVersion[];
}

export interface RulesChange {
  /** The version that it changes; 0 when there was none. */
  seen: number;
  rules: Rules;
  who: string;
  why: string | null;
}

/** The new version's number. "changed": there is another version by now. "too_large": with its goals it would be. */
export async function saveRules(
  env: Env,
  merchant: string,
  { seen, rules, who, why }: RulesChange,
): Promise<number | "changed" | "too_large"> {
  if (!isSmall(rules)) return "too_large";
  const { version: _, ...kept } = rules;
  const [row] = await database(env)`
    WITH saved AS (
      INSERT INTO rules_versions (merchant, version, rules, who, why)
      SELECT id, ${seen + 1}, ${JSON.stringify(kept)}::json, ${who}, ${why} FROM merchants
      WHERE id = ${merchant} AND (SELECT coalesce(max(version), 0) FROM rules_versions WHERE merchant = ${merchant}) = ${seen}
      ON CONFLICT DO NOTHING RETURNING version
    ), audited AS (
      INSERT INTO audit_log (who, action, merchant, organisation, subject)
      SELECT ${who}, 'rules', m.id, m.organisation, json_build_object('version', version, 'why', ${why}::text)
      FROM saved, merchants m WHERE m.id = ${merchant}
    ) SELECT version FROM saved`;
  return (row as { version: number } | undefined)?.version ?? "changed";
}
