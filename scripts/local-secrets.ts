// The secrets of a local stack: random, made once for a data folder, readable by its owner only. One that a folder from an
// earlier version lacks is added.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

export interface LocalSecrets {
  operatorToken: string;
  ingestToken: string;
  /** Signs sessions. */
  authSecret: string;
  /** Keys the hash of visitors' supplied ids. */
  visitorSecret: string;
  /** Of the demo account, as long as nobody changes it. */
  demoPassword: string;
}

export function localSecrets(dataDir: string): LocalSecrets {
  const file = path.join(dataDir, "secrets.json");
  const kept = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Partial<LocalSecrets>) : {};
  const made = {
    operatorToken: `cht_op_${random()}`,
    ingestToken: `cht_in_${random()}`,
    authSecret: random(),
    visitorSecret: random(),
    demoPassword: random().slice(0, 16),
  };
  const secrets: LocalSecrets = { ...made, ...kept };
  if (Object.keys(made).every((name) => name in kept)) return secrets;
  const unfinished = `${file}.unfinished`;
  fs.writeFileSync(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(unfinished, file);
  return secrets;
}

const random = (): string => randomBytes(24).toString("base64url");
