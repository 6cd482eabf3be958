// People and organisations for tests: signing up as a person does, through the API and the mail.

import { env } from "cloudflare:workers";
import { api } from "./api.ts";
import type { Env } from "./env.ts";

export const bindings = env as unknown as Env & { MAILBOX: string };
export const HOME = "https://shop.example";
export const PASSWORD = "correct horse battery";

let people = 0;

/** An address that nobody else has. */
export const freshEmail = (): string => `person-${++people}-${crypto.randomUUID().slice(0, 8)}@example.com`;

export interface Client {
  /** What it holds by now. */
  cookies: Map<string, string>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** A browser: keeps cookies, says where it is, and has a network of its own. */
export function browser(world: Env = bindings): Client {
  const cookies = new Map<string, string>();
  const network = `2001:db8:${crypto.randomUUID().slice(0, 4)}:${crypto.randomUUID().slice(0, 4)}::1`;
  return {
    cookies,
    async send(method, path, body, headers = {}) {
      const response = await api.request(
        HOME + path,
        {
          method,
          headers: {
            origin: HOME,
            "cf-connecting-ip": network,
            "content-type": "application/json",
            ...(cookies.size === 0 ? {} : { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        world,
      );
      for (const cookie of response.headers.getSetCookie()) {
        const [name = "", value = ""] = cookie.split(";")[0]!.split(/=(.*)/s);
        if (value === "" || /max-age=0/i.test(cookie)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return response;
    },
  };
}

export interface MailText {
  subject: string;
  text: string;
}

export const mailsTo = async (email: string): Promise<MailText[]> =>
  (await fetch(`http://${bindings.MAILBOX}/?to=${encodeURIComponent(email)}`)).json();

/** The first link in the newest mail, without its origin; waits for as many mails as `count`. */
export async function linkFrom(email: string, count = 1): Promise<string> {
  let mails: MailText[] = [];
  for (let tries = 0; mails.length < count; tries++) {
    if (tries > 100) throw new Error(`${mails.length} mails to ${email} instead of ${count}`);
    if (tries > 0) await scheduler.wait(20);
    mails = await mailsTo(email);
  }
  return /https?:\/\/\S+/.exec(mails.at(-1)!.text)![0].replace(HOME, "");
}

/** Somebody who is signed in and whose address is confirmed. */
export async function signedUp(email = freshEmail()): Promise<{ email: string; client: Client }> {
  const client = browser();
  await client.send("POST", "/api/auth/sign-up/email", { name: "Ada", email, password: PASSWORD });
  await client.send("GET", await linkFrom(email));
  const response = await client.send("POST", "/api/auth/sign-in/email", { email, password: PASSWORD });
  if (response.status !== 200) throw new Error(`not signed in: ${response.status} ${await response.text()}`);
  return { email, client };
}
