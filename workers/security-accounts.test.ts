// Attacks on accounts beyond what auth.test.ts holds: sessions that were there before, addresses that are fished for, codes and tokens that
// are guessed, and ways to be sent somewhere else.

import { expect, test } from "vitest";
import { database } from "../migrations/database.ts";
import { api } from "./api.ts";
import {
  bindings,
  browser,
  type Client,
  freshEmail,
  HOME,
  linkFrom,
  mailsTo,
  PASSWORD,
  signedUp,
} from "./auth-fixture.ts";
import { POSTS } from "./auth-routes.ts";
import { totpCode } from "./auth-totp.ts";

const SESSION = "__Secure-countinghouse.session_token";
const EVIL = "https://evil.example";

const auth = (client: Client, path: string, body: object): Promise<Response> =>
  client.send("POST", `/api/auth/${path}`, body);
const whoIs = async (client: Client): Promise<string | null> => {
  const response = await client.send("GET", "/api/v1/me");
  return response.ok ? (await response.json<{ person: { email: string } }>()).person.email : null;
};
const jar = (client: Client): Client => {
  const copy = browser();
  for (const [name, value] of client.cookies) copy.cookies.set(name, value);
  return copy;
};

test("fixation: a session that somebody planted stays theirs, and the one that begins is new", async () => {
  const [attacker, victim] = await Promise.all([signedUp(), signedUp()]);
  const client = jar(attacker.client);
  await auth(client, "sign-in/email", { email: victim.email, password: PASSWORD });
  expect(await whoIs(client)).toBe(victim.email);
  expect(client.cookies.get(SESSION)).not.toBe(attacker.client.cookies.get(SESSION));
  expect(await whoIs(attacker.client)).toBe(attacker.email);
});

test("fixation: what was there before a second factor, a new password or an end opens nothing after it", async () => {
  const { email, client } = await signedUp();
  const enabled = await auth(client, "two-factor/enable", { password: PASSWORD });
  const { totp_uri } = await enabled.json<{ totp_uri: string }>();
  const before = jar(client);
  await auth(client, "two-factor/verify-totp", { code: await totpCode(totp_uri, Date.now()) });
  const half = browser();
  await auth(half, "sign-in/email", { email, password: PASSWORD });
  const stolen = jar(half);
  await auth(half, "two-factor/verify-totp", { code: await totpCode(totp_uri, Date.now()) });
  expect([await whoIs(half), await whoIs(stolen)]).toEqual([email, null]);
  const former = jar(half);
  await auth(half, "change-password", { password: PASSWORD, new_password: "another horse battery" });
  expect([await whoIs(half), await whoIs(former), await whoIs(before)]).toEqual([email, null, null]);
  const ended = jar(half);
  await auth(half, "sign-out", {});
  expect(await whoIs(ended)).toBe(null);
});

/** All that an asker can tell two answers apart by, but for the time. */
const seen = async (response: Response): Promise<unknown> => [
  response.status,
  [...response.headers].filter(([name]) => name !== "date").toSorted(([a], [b]) => a.localeCompare(b)),
  await response.text(),
];

test("enumeration: changing one's address to one that is known, and to one that is not", async () => {
  const [{ client }, { email: known }] = await Promise.all([signedUp(), signedUp()]);
  const unknown = freshEmail();
  const answers = [];
  for (const email of [known, unknown]) answers.push(await seen(await auth(client, "change-email", { email })));
  expect(answers[0]).toEqual(answers[1]);
});

test("enumeration: inviting tells nothing of who has an account", async () => {
  const [{ client }, { email: known }] = await Promise.all([signedUp(), signedUp()]);
  const { id } = await (await client.send("POST", "/api/v1/organisations", { name: "Hats" })).json<{ id: string }>();
  const invite = async (email: string): Promise<unknown> => {
    const answer = await client.send("POST", "/api/v1/invitations", { organisation: id, email, role: "viewer" });
    return [answer.status, Object.keys(await answer.json<object>())];
  };
  const [ofKnown, ofUnknown] = [await invite(known), await invite(freshEmail())];
  expect(ofKnown).toEqual(ofUnknown);
});

test("enumeration: neither known nor unknown addresses are answered before the same time has passed", async () => {
  const { email: known } = await signedUp();
  for (const [path, { schema, even }] of Object.entries(POSTS)) {
    if (even !== true || path === "/change-email") continue;
    for (const email of [known, freshEmail()]) {
      const body = Object.fromEntries(
        Object.keys(schema.shape).map((key) => [key, key === "email" ? email : "wrong horse battery"]),
      );
      const startedMs = Date.now();
      await auth(browser(), path.slice(1), body);
      // Clocks of the runtime stand still while it computes, and may show a little less.
      expect([path, Date.now() - startedMs > 380]).toEqual([path, true]);
    }
  }
});

test("brute force: wrong codes end the challenge, then rest the factor, whatever network they come from", async () => {
  const { email, client } = await signedUp();
  const enabled = await auth(client, "two-factor/enable", { password: PASSWORD });
  const { totp_uri } = await enabled.json<{ totp_uri: string }>();
  await auth(client, "two-factor/verify-totp", { code: await totpCode(totp_uri, Date.now()) });
  const right = (): Promise<string> => totpCode(totp_uri, Date.now());
  const challenge = async (): Promise<Client> => {
    const fresh = browser();
    await auth(fresh, "sign-in/email", { email, password: PASSWORD });
    return fresh;
  };
  for (let round = 0; round < 2; round++) {
    const guessing = await challenge();
    for (let tries = 0; tries < 5; tries++) {
      const guess = jar(guessing);
      expect((await auth(guess, "two-factor/verify-totp", { code: `00000${tries}` })).ok).toBe(false);
    }
    expect((await auth(guessing, "two-factor/verify-totp", { code: await right() })).ok).toBe(false);
  }
  expect((await auth(await challenge(), "two-factor/verify-totp", { code: await right() })).ok).toBe(false);
});

test("brute force: tokens of mails and the operator's are not guessed from one network", async () => {
  const client = browser();
  const guesses = (path: string, body: object, count: number): Promise<number[]> =>
    Promise.all(Array.from({ length: count }, async () => (await client.send("POST", path, body)).status));
  const resets = await guesses("/api/auth/reset-password", { token: "wrong", password: PASSWORD }, 61);
  expect(resets.toSorted((a, b) => a - b).at(-1)).toBe(429);
  expect(await guesses("/api/v1/session", { token: bindings.OPERATOR_TOKEN }, 31)).toEqual(Array(31).fill(204));
  for (let i = 0; i < 30; i++) expect(await guesses("/api/v1/session", { token: "wrong" }, 1)).toEqual([401]);
  expect(await guesses("/api/v1/session", { token: "wrong" }, 1)).toEqual([429]);
  const refused = await client.send("POST", "/api/v1/session", { token: bindings.OPERATOR_TOKEN });
  expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
  expect((await browser().send("POST", "/api/v1/session", { token: bindings.OPERATOR_TOKEN })).status).toBe(204);
});

/** All names under which frameworks take an address to go to. */
const GOING = [
  "callbackURL",
  "callbackUrl",
  "callback_url",
  "redirectTo",
  "redirect_to",
  "redirect",
  "returnTo",
  "next",
  "url",
  "errorCallbackURL",
  "newUserCallbackURL",
];
const PLACES = [
  EVIL,
  "//evil.example",
  "/\\evil.example",
  "javascript:alert(1)",
  "https:evil.example",
  "/%2f%2fevil.example",
];

test("open redirects: whatever address is given to go to, nobody is sent there", async () => {
  const { email, client } = await signedUp();
  const [link] = [await linkFrom(email)];
  for (const place of PLACES) {
    const query = new URLSearchParams(GOING.map((name) => [name, place]));
    const addresses = [
      ...Object.keys(POSTS).map((path) => ["POST", `/api/auth${path}?${query}`] as const),
      ["GET", `/api/auth/verify-email?token=wrong&${query}`] as const,
      ["GET", `${link}&${query}`] as const,
      ["GET", `/api/auth/reset-password/wrong?${query}`] as const,
      ["GET", `/api/auth/error?${query}`] as const,
      ["GET", `/api/auth/callback/x?${query}`] as const,
      ["GET", `/api/v1/invitations/accept?token=wrong&${query}`] as const,
      ["POST", `/api/v1/invitations/accept?${query}`] as const,
    ];
    for (const [method, address] of addresses) {
      const response = await client.send(method, address, method === "GET" ? undefined : {});
      const location = response.headers.get("location");
      // On this site, and what comes after is a part of its page.
      expect([address, location]).toEqual([
        address,
        expect.toSatisfy((to: string | null) => to === null || /^\/#[a-z-]+$/.test(to)),
      ]);
      if (!response.ok && location === null) expect(await response.text()).not.toContain("evil");
    }
  }
});

test("links in mails lead to the address that was asked, and hold nothing that anybody typed", async () => {
  const email = freshEmail();
  const name = `<a href="${EVIL}">click</a>\r\nBcc: all@example.com`;
  const headers = { "x-forwarded-host": "evil.example", forwarded: "host=evil.example", referer: `${EVIL}/` };
  const client = browser();
  await client.send("POST", "/api/auth/sign-up/email", { name, email, password: PASSWORD }, headers);
  await client.send("GET", await linkFrom(email));
  await client.send("POST", "/api/auth/request-password-reset", { email }, headers);
  await linkFrom(email, 2);
  for (const { subject, text } of await mailsTo(email)) {
    expect(text).toContain(`${HOME}/`);
    expect(subject + text).not.toMatch(/evil|click|bcc/i);
  }
});

test("what is kept of passwords, sessions' links and second factors opens nothing by itself", async () => {
  const { email, client } = await signedUp();
  const [kept] = await database(bindings)`
    SELECT c.password, s.token FROM credentials c JOIN people p ON p.id = c.person JOIN sessions s ON s.person = p.id WHERE p.email = ${email}`;
  const thief = browser();
  thief.cookies.set(SESSION, String(kept!["token"]));
  expect(await whoIs(thief)).toBe(null);
  expect(
    (await auth(thief, "sign-in/email", { email, password: String(kept!["password"]).slice(0, 128) })).status,
  ).toBe(401);
  expect(await whoIs(client)).toBe(email);
});

test("a token of one kind opens no door of another", async () => {
  const { email, client } = await signedUp();
  await auth(client, "request-password-reset", { email });
  const reset = (await linkFrom(email, 2)).split("=")[1]!;
  const verify = new URL(HOME + (await linkFrom(freshSignUp(), 1))).searchParams.get("token")!;
  for (const token of [reset, verify, "undefined", "null", "Bearer", "[object Object]"]) {
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { cookie: `${SESSION}=${token}` },
      { cookie: `countinghouse_operator=${token}` },
    ])
      expect((await api.request(`${HOME}/api/v1/me`, { headers }, bindings)).status).toBe(401);
    const isReset = token === reset;
    if (!isReset) expect((await auth(browser(), "reset-password", { token, password: PASSWORD })).status).toBe(400);
    expect((await client.send("POST", "/api/v1/invitations/accept", { token })).ok).toBe(false);
  }
});

/** The address of somebody who is signing up. */
function freshSignUp(): string {
  const email = freshEmail();
  void auth(browser(), "sign-up/email", { name: "Ada", email, password: PASSWORD });
  return email;
}
