// Signing in and what belongs to it, as the API has it under /api/auth. Each call resolves with null when it was done, or with
// a sentence that tells a person what to do instead.

import { ApiProblem } from "../api.ts";

const SENTENCES: Record<string, string> = {
  invalid_email_or_password: "Address or password is not right.",
  email_not_verified: "This address is not confirmed yet. The link to confirm it has been sent again.",
  too_many_attempts: "This was tried too often. Wait some minutes, and try again.",
  account_temporarily_locked: "This was tried too often. Wait some minutes, and try again.",
  invalid_code: "This code is not right. Take the one that the app shows now.",
  invalid_backup_code: "This code is not right, or was used.",
  invalid_two_factor_cookie: "That took too long. Sign in again.",
  too_many_attempts_request_new_code: "That were too many wrong codes. Sign in again.",
  invalid_token: "This link is over, or was used. Ask for another one.",
  invalid_password: "The password is not right.",
  unavailable: "The server cannot answer just now. Try again in a moment.",
};

export type Outcome = string | null;

/** For forms of settings, which are told of a refusal by a throw. */
export async function orRefused(outcome: Promise<Outcome>): Promise<void> {
  const problem = await outcome;
  if (problem !== null) throw new ApiProblem("refused", problem);
}

interface Said {
  two_factor?: true;
  totp_uri?: string;
  backup_codes?: string[];
  error?: { reason: string; message: string };
}

const OFFLINE = "Countinghouse cannot be reached. Check your connection.";

async function post(path: string, body: object): Promise<{ said: Said; problem: Outcome }> {
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    const said = (response.status === 204 ? {} : await response.json()) as Said;
    if (response.ok) return { said, problem: null };
    const { reason = "", message = `The server refused this (${response.status}).` } = said.error ?? {};
    return { said, problem: SENTENCES[reason] ?? message };
  } catch {
    return { said: {}, problem: OFFLINE };
  }
}

const outcomeOf = async (path: string, body: object): Promise<Outcome> => (await post(path, body)).problem;

/** "code" when a second factor is to be asked. */
export async function signInWith(email: string, password: string): Promise<{ problem: Outcome; next: "in" | "code" }> {
  const { said, problem } = await post("/api/auth/sign-in/email", { email, password });
  return { problem, next: said.two_factor === true ? "code" : "in" };
}

/** Six digits are the app's, anything else is a backup code. */
export const sendCode = (code: string): Promise<Outcome> =>
  outcomeOf(`/api/auth/two-factor/verify-${/^\d{6}$/.test(code) ? "totp" : "backup-code"}`, { code });

export const signUpAs = (name: string, email: string, password: string): Promise<Outcome> =>
  outcomeOf("/api/auth/sign-up/email", { name, email, password });

export const askForReset = (email: string): Promise<Outcome> =>
  outcomeOf("/api/auth/request-password-reset", { email });

export const resetPassword = (token: string, password: string): Promise<Outcome> =>
  outcomeOf("/api/auth/reset-password", { token, password });

/** Of whoever is signed in. */
export const acceptInvitation = (token: string): Promise<Outcome> => outcomeOf("/api/v1/invitations/accept", { token });

/** Whether somebody is signed in already. */
export const isSignedIn = async (): Promise<boolean> =>
  fetch("/api/v1/session").then(
    ({ ok }) => ok,
    () => false,
  );

export const changeName = (name: string): Promise<Outcome> => outcomeOf("/api/auth/update-user", { name });

/** Ends all other sessions. */
export const changePassword = (password: string, next: string): Promise<Outcome> =>
  outcomeOf("/api/auth/change-password", { password, new_password: next });

/** Two mails follow, to the address that is and the one that is to be. */
export const changeAddress = (email: string): Promise<Outcome> => outcomeOf("/api/auth/change-email", { email });

export interface SecondFactor {
  /** otpauth://… for an app. */
  uri: string;
  backupCodes: readonly string[];
}

/** In force once a code has been sent. */
export async function beginSecondFactor(password: string): Promise<{ problem: Outcome; factor: SecondFactor }> {
  const { said, problem } = await post("/api/auth/two-factor/enable", { password });
  return { problem, factor: { uri: said.totp_uri ?? "", backupCodes: said.backup_codes ?? [] } };
}

/** The former ones work no more. */
export async function newBackupCodes(password: string): Promise<{ problem: Outcome; backupCodes: readonly string[] }> {
  const { said, problem } = await post("/api/auth/two-factor/generate-backup-codes", { password });
  return { problem, backupCodes: said.backup_codes ?? [] };
}

export const endSecondFactor = (password: string): Promise<Outcome> =>
  outcomeOf("/api/auth/two-factor/disable", { password });
