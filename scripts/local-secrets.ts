// The tokens of a local stack: random, made once for a data folder, readable by its owner only.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

export interface LocalSecrets {
  operatorToken: string;
  ingestToken: string;
}

export function localSecrets(dataDir: string): LocalSecrets {
  const file = path.join(dataDir, "secrets.json");
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, "utf8")) as LocalSecrets;
  const secrets = { operatorToken: `cht_op_${random()}`, ingestToken: `cht_in_${random()}` };
  const unfinished = `${file}.unfinished`;
  fs.writeFileSync(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(unfinished, file);
  return secrets;
}

const random = (): string => randomBytes(24).toString("base64url");
