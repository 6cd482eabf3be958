// What the mails to people say. A token in a link to the dashboard stands behind "#", where servers and their logs do not
// see it. Names are what somebody typed, maybe to send their words to a stranger: none is in a mail, only addresses are.

import type { Mail } from "./mail.ts";

interface Recipient {
  email: string;
}

const mail = (to: Recipient, subject: string, ...paragraphs: string[]): Mail => ({
  to: to.email,
  subject: `${subject} – Countinghouse`,
  text: `${paragraphs.join("\n\n")}\n`,
});

const IGNORE = "If you did not ask for this, you can ignore this mail: nothing has changed.";

export const verifyLink = (origin: string, token: string): string =>
  `${origin}/api/auth/verify-email?token=${encodeURIComponent(token)}`;

export const mailToVerify = (origin: string, to: Recipient, token: string): Mail =>
  mail(
    to,
    "Confirm your address",
    "Follow this link to confirm that this address is yours. It holds for an hour.",
    verifyLink(origin, token),
    IGNORE,
  );

export const mailToKnownAddress = (origin: string, to: Recipient): Mail =>
  mail(
    to,
    "You have an account already",
    "Somebody, maybe you, tried to sign up with this address, which has an account already. Sign in here, or ask for a new password there:",
    `${origin}/`,
    IGNORE,
  );

export const mailToReset = (origin: string, to: Recipient, token: string): Mail =>
  mail(
    to,
    "Choose a new password",
    "Follow this link to choose a new password. It holds for an hour and works once.",
    `${origin}/#reset=${encodeURIComponent(token)}`,
    IGNORE,
  );

export const mailToChangeAddress = (origin: string, to: Recipient, newEmail: string, token: string): Mail =>
  mail(
    to,
    "Change your address",
    `Somebody who is signed in to your account wants to change its address to ${newEmail}. If that was you, follow this link; the new address then gets a mail to confirm it.`,
    verifyLink(origin, token),
    "If it was not you, do not follow the link, and choose a new password.",
  );

export const mailToInvite = (origin: string, to: Recipient, invitedBy: string, token: string): Mail =>
  mail(
    to,
    "You are invited",
    `${invitedBy} invites you to see their merchants on Countinghouse. Follow this link to accept; sign up with this address first if you have no account. It holds for seven days.`,
    `${origin}/#invitation=${encodeURIComponent(token)}`,
    IGNORE,
  );
