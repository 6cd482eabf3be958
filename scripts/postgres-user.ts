// The user that Postgres runs as, and places that this user can reach.
// Postgres refuses to run as root. For root it runs as "nobody", who cannot enter folders such as /root: then the
// binaries are copied once to a folder that everyone may enter, and the data folder becomes a link to such a folder.
// For everyone else Postgres runs as themselves and nothing is moved.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const NOBODY = 65534;

/** Options of `spawn` that make a child run as the user of Postgres. */
export function postgresUser(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/** Gives a file or folder to the user of Postgres. */
export function giveToPostgres(file: string): void {
  const { uid, gid } = postgresUser();
  if (uid !== undefined && gid !== undefined) fs.chownSync(file, uid, gid);
}

/** The folder itself, or a copy of it, that the user of Postgres can enter. `name` tells versions of it apart. */
export function reachableCopy(folder: string, name: string): string {
  const real = fs.realpathSync(folder);
  if (canEnter(real)) return real;
  const copy = path.join(commonFolder(), name);
  if (!fs.existsSync(copy)) {
    const unfinished = fs.mkdtempSync(`${copy}-`);
    fs.cpSync(real, unfinished, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(unfinished, 0o755);
    try {
      fs.renameSync(unfinished, copy);
    } catch (cause) {
      fs.rmSync(unfinished, { recursive: true, force: true });
      if (!fs.existsSync(copy)) throw cause;
    }
  }
  if (fs.lstatSync(copy).uid !== process.getuid?.()) {
    throw new Error(`${copy} belongs to somebody else; remove it, or put this checkout where every user can enter.`);
  }
  return copy;
}

/**
 * A folder for data that the user of Postgres can enter and write: `folder` itself, or the target of the link that is
 * made in its stead.
 */
export function reachableFolder(folder: string): string {
  const wanted = path.resolve(folder);
  fs.mkdirSync(path.dirname(wanted), { recursive: true });
  const isLink = fs.lstatSync(wanted, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (isLink && !fs.existsSync(wanted)) fs.unlinkSync(wanted);
  if (!fs.existsSync(wanted)) {
    if (canEnter(fs.realpathSync(path.dirname(wanted)))) fs.mkdirSync(wanted);
    else fs.symlinkSync(fs.mkdtempSync(path.join(commonFolder(), "countinghouse-data-")), wanted);
  }
  const real = fs.realpathSync(wanted);
  if (!canEnter(path.dirname(real))) {
    throw new Error(
      `Postgres cannot run as root, and the user that it runs as instead (${NOBODY}) cannot enter ${path.dirname(real)}. ` +
        "Set DATA_DIR to a folder whose parents everyone may enter.",
    );
  }
  giveToPostgres(real);
  return real;
}

function canEnter(folder: string): boolean {
  const { uid } = postgresUser();
  if (uid === undefined) return true;
  for (let at = folder; ; at = path.dirname(at)) {
    const { mode, uid: owner } = fs.statSync(at);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** /var/tmp outlives a reboot, /tmp may not. */
function commonFolder(): string {
  const found = ["/var/tmp", "/tmp", os.tmpdir()].find((folder) => fs.existsSync(folder) && canEnter(folder));
  if (found === undefined) throw new Error("No folder for temporary files that every user can enter (/var/tmp, /tmp).");
  return fs.realpathSync(found);
}
