// Mail to people, through one small port: Cloudflare's binding in production; locally MAILBOX (host:port of the stack's
// mailbox, scripts/mailbox.ts), which keeps each mail as a file and says so. Text only: there is nothing in it that a client
// sent and that something could take for markup.

import type { Env } from "./env.ts";

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Never throws: who asked for it must not learn from the answer whether an address is known. */
export async function sendMail(env: Env, mail: Mail): Promise<void> {
  try {
    if (env.MAILBOX !== undefined) await toMailbox(env.MAILBOX, mail);
    else await env.MAIL.send({ from: { email: env.MAIL_FROM, name: "Countinghouse" }, ...mail });
  } catch (error) {
    console.error(JSON.stringify({ event: "mail_failed", subject: mail.subject, error: String(error) }));
  }
}

async function toMailbox(mailbox: string, mail: Mail): Promise<void> {
  const response = await fetch(`http://${mailbox}/`, { method: "POST", body: JSON.stringify(mail) });
  if (!response.ok) throw new Error(`the mailbox said ${response.status}`);
}
