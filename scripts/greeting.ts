// What a person is told when the stack is ready: where everything is and what to try.

import path from "node:path";
import { runningFile, type Running } from "./running.ts";

export function greeting(
  { baseUrl, operatorToken, demoAccount, mailDir, databaseUrl }: Running,
  dataDir: string,
): string {
  const query = { merchant: "m_demo", metrics: ["visitors", "pageviews"], date_range: "day" };
  return `
Countinghouse is ready.

  Dashboard     ${baseUrl}/#token=${operatorToken}
  Sign in as    ${demoAccount.email} with ${demoAccount.password}
  Demo shop     ${baseUrl}/shop/?merchant=m_demo
  Demo traffic  npm run demo -- --live        (as it happens)
                npm run demo -- --past 30     (the last 30 days)
  API           curl ${baseUrl}/api/v1/query -H 'authorization: Bearer ${operatorToken}' \\
                  -H 'content-type: application/json' -d '${JSON.stringify(query)}'
  Mail          ${mailDir}
  Database      ${databaseUrl}
  For programs  ${path.join(dataDir, path.basename(runningFile(dataDir)))}

Ctrl-C stops it.
`;
}
