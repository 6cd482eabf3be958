// The random salt of one local date, for all merchants whose date it is. One object per date is its single writer, so
// two continents never make two. It deletes itself 48 hours after the date has ended everywhere; then nobody can find
// out whose visit was whose. A salt asked for later (an import of an old day) is a new one and lives as long.

import { DurableObject } from "cloudflare:workers";
import { SALT_KEEP_MS } from "../core/limits.ts";
import type { Salt, SaltKeeperApi } from "../core/messages.ts";

/** When a date that begins at 00:00 UTC has ended in the last zone (UTC−12). */
const DATE_ENDS_MS = 36 * 3_600_000;

export class SaltKeeper extends DurableObject implements SaltKeeperApi {
  async salt(date: string): Promise<Salt> {
    const kept = await this.ctx.storage.get<Salt>("salt");
    if (kept !== undefined) return kept;
    const dateEndsMs = Date.parse(`${date}T00:00:00Z`) + DATE_ENDS_MS;
    const salt: Salt = {
      bytes: crypto.getRandomValues(new Uint8Array(32)),
      expiresAtMs: Math.max(dateEndsMs, Date.now()) + SALT_KEEP_MS,
    };
    await this.ctx.storage.put("salt", salt);
    await this.ctx.storage.setAlarm(salt.expiresAtMs);
    return salt;
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
