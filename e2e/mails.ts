// The mails that a stack has sent, as their readers find them.

import { readMails, type StoredMail } from "../scripts/mailbox.ts";
import { type TestStack, until } from "./stack.ts";

const MAIL_MS_MAX = 20_000;

/** The newest to an address, when there are as many. */
export async function mailTo(stack: TestStack, email: string, count: number): Promise<StoredMail> {
  const mails = (): StoredMail[] => readMails(stack.running().mailDir, email);
  await until(() => mails().length >= count, MAIL_MS_MAX, `No mail number ${count} to ${email}`);
  return mails().at(-1)!;
}

export const linkIn = ({ text }: StoredMail): string => /https?:\/\/\S+/.exec(text)![0];
