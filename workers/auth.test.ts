import { expect, test } from "vitest";
import { database } from "../migrations/database.ts";
import { bindings, browser, type Client, freshEmail, linkFrom, mailsTo, PASSWORD, signedUp } from "./auth-fixture.ts";
import { totpCode } from "./auth-totp.ts";

const SESSION = "__Secure-countinghouse.session_token";
const NEW_PASSWORD = "another horse battery";

const outcomeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  response.ok ? "" : (await response.json<{ error: { reason: string } }>()).error.reason,
];

const signIn = (client: Client, email: string, password = PASSWORD): Promise<Response> =>
  client.send("POST", "/api/auth/sign-in/email", { email, password });

const isIn = async (client: Client): Promise<boolean> => (await client.send("GET", "/api/v1/me")).status === 200;

test("sign-up, confirmation by mail, sign-in, sign-out", async () => {
  const email = freshEmail();
  const client = browser();
  const signUp = await client.send("POST", "/api/auth/sign-up/email", { name: "Ada", email, password: PASSWORD });
  expect(signUp.status).toBe(204);
  expect(await outcomeOf(await signIn(client, email))).toEqual([403, "email_not_verified"]);
  const verified = await client.send("GET", await linkFrom(email));
  expect([verified.status, verified.headers.get("location")]).toEqual([302, "/#verified"]);
  expect(await isIn(client)).toBe(false);
  const signedIn = await signIn(client, email.toUpperCase());
  expect(await signedIn.json()).toEqual({ person: { id: expect.any(String), name: "Ada", email } });
  expect(signedIn.headers.get("cache-control")).toBe("private, no-store");
  expect(await isIn(client)).toBe(true);
  expect((await client.send("POST", "/api/auth/sign-out", {})).status).toBe(204);
  expect(client.cookies.has(SESSION)).toBe(false);
  expect(await isIn(client)).toBe(false);
});

test("a link that is not right leads to a page that says so, never to another site", async () => {
  const client = browser();
  const answer = await client.send("GET", "/api/auth/verify-email?token=no&callbackURL=https://evil.example");
  expect(answer.headers.get("location")).toBe("/#verify-failed");
});

test("the session's cookie: no scripts, https, own pages; a new one each time; one that was there before is worth nothing", async () => {
  const { email, client } = await signedUp();
  const first = client.cookies.get(SESSION)!;
  const again = await signIn(client, email);
  const cookie = again.headers.getSetCookie().find((each) => each.startsWith(SESSION))!;
  for (const attribute of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=2592000"])
    expect(cookie.toLowerCase()).toContain(attribute.toLowerCase());
  expect(cookie.toLowerCase()).not.toContain("domain=");
  expect(client.cookies.get(SESSION)).not.toBe(first);
  // Fixation: somebody plants a cookie before the sign-in.
  const victim = browser();
  victim.cookies.set(SESSION, "planted.by-somebody");
  await signIn(victim, email);
  expect(victim.cookies.get(SESSION)).not.toContain("planted");
  const attacker = browser();
  attacker.cookies.set(SESSION, "planted.by-somebody");
  expect(await isIn(attacker)).toBe(false);
});

test("nothing tells whether an address is known", async () => {
  const { email: known } = await signedUp();
  const unknown = freshEmail();
  const outcomes = async (email: string) => {
    const client = browser();
    const bodies: Record<string, object> = {
      "sign-in/email": { email, password: "wrong horse battery" },
      "sign-up/email": { name: "Eve", email, password: PASSWORD },
      "request-password-reset": { email },
      "send-verification-email": { email },
    };
    const answers = Object.entries(bodies).map(async ([path, body]) => {
      const answer = await client.send("POST", `/api/auth/${path}`, body);
      return [path, answer.status, await answer.text(), [...answer.headers.keys()].toSorted()];
    });
    return Promise.all(answers);
  };
  expect(await outcomes(known)).toEqual(await outcomes(unknown));
  // Whoever has the address learns of it by mail.
  await linkFrom(known, 3);
  expect((await mailsTo(known)).map(({ subject }) => subject)).toContainEqual(
    expect.stringContaining("account already"),
  );
});

test("a forgotten password: the link works once, and ends all sessions", async () => {
  const { email, client } = await signedUp();
  const other = browser();
  await other.send("POST", "/api/auth/request-password-reset", { email });
  const link = await linkFrom(email, 2);
  expect(link).toMatch(/^\/#reset=/);
  const token = link.split("=")[1];
  const reset = () => other.send("POST", "/api/auth/reset-password", { token, password: NEW_PASSWORD });
  expect((await reset()).status).toBe(204);
  expect(await isIn(client)).toBe(false);
  expect(await outcomeOf(await reset())).toEqual([400, "invalid_token"]);
  expect(await outcomeOf(await signIn(other, email))).toEqual([401, "invalid_email_or_password"]);
  expect((await signIn(other, email, NEW_PASSWORD)).status).toBe(200);
  const kept = await database(bindings)`SELECT identifier FROM verifications WHERE identifier LIKE ${`%${token}%`}`;
  expect(kept).toEqual([]);
});

test("a changed password ends the other sessions and needs the old one", async () => {
  const { email, client } = await signedUp();
  const other = browser();
  await signIn(other, email);
  const change = (password: string) =>
    client.send("POST", "/api/auth/change-password", { password, new_password: NEW_PASSWORD });
  expect(await outcomeOf(await change("not the old one"))).toEqual([400, "invalid_password"]);
  expect((await change(PASSWORD)).status).toBe(204);
  expect([await isIn(client), await isIn(other)]).toEqual([true, false]);
  expect((await signIn(other, email, NEW_PASSWORD)).status).toBe(200);
});

test("a changed address: the old one allows it, the new one confirms it", async () => {
  const { email, client } = await signedUp();
  const changed = freshEmail();
  expect((await client.send("POST", "/api/auth/change-email", { email: changed })).status).toBe(204);
  const allowed = await client.send("GET", await linkFrom(email, 2));
  expect(allowed.headers.get("location")).toBe("/#confirm-sent");
  expect((await signIn(browser(), changed)).status).toBe(401);
  const confirmed = await client.send("GET", await linkFrom(changed));
  expect(confirmed.headers.get("location")).toBe("/#verified");
  expect((await signIn(browser(), changed)).status).toBe(200);
  expect((await signIn(browser(), email)).status).toBe(401);
});

test("a second factor: codes, backup codes that work once, and no session before", async () => {
  const { email, client } = await signedUp();
  const enabled = await client.send("POST", "/api/auth/two-factor/enable", { password: PASSWORD });
  const { totp_uri, backup_codes } = await enabled.json<{ totp_uri: string; backup_codes: string[] }>();
  expect(backup_codes).toHaveLength(10);
  // Not before a code has shown that the app has it.
  expect(await (await signIn(browser(), email)).json()).toMatchObject({ person: { email } });
  const verify = (who: Client, code: string) => who.send("POST", "/api/auth/two-factor/verify-totp", { code });
  expect((await verify(client, await totpCode(totp_uri, Date.now()))).status).toBe(200);
  const other = browser();
  expect(await (await signIn(other, email)).json()).toEqual({ two_factor: true });
  expect(await isIn(other)).toBe(false);
  expect(await outcomeOf(await verify(other, "000000"))).toEqual([401, "invalid_code"]);
  expect(await (await verify(other, await totpCode(totp_uri, Date.now()))).json()).toMatchObject({ person: { email } });
  expect(await isIn(other)).toBe(true);
  const backup = async (code: string) => {
    const third = browser();
    await signIn(third, email);
    return (await third.send("POST", "/api/auth/two-factor/verify-backup-code", { code })).status;
  };
  expect([await backup(backup_codes[0]!), await backup(backup_codes[0]!)]).toEqual([200, 401]);
  const [kept] = await database(bindings)`
    SELECT secret, backup_codes FROM second_factors f JOIN people p ON p.id = f.person WHERE p.email = ${email}`;
  expect(JSON.stringify(kept)).not.toContain(backup_codes[1]!);
  expect((await client.send("POST", "/api/auth/two-factor/disable", { password: PASSWORD })).status).toBe(204);
  expect(await (await signIn(browser(), email)).json()).toMatchObject({ person: { email } });
});

test("guessing ends: for an address, known or not, from wherever; being right begins anew", async () => {
  const { email } = await signedUp();
  const guess = async (address: string) => (await signIn(browser(), address, "wrong horse battery")).status;
  for (const address of [email, freshEmail()]) {
    const tries = await Promise.all(Array.from({ length: 10 }, () => guess(address)));
    expect(new Set(tries)).toEqual(new Set([401]));
    const refused = await signIn(browser(), address);
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
  }
  const { email: forgiven } = await signedUp();
  await Promise.all(Array.from({ length: 9 }, () => guess(forgiven)));
  expect((await signIn(browser(), forgiven)).status).toBe(200);
  expect(await guess(forgiven)).toBe(401);
});

test("a network that tries too often is refused, and its address is kept nowhere", async () => {
  const ip = "198.51.100.77";
  const ask = (body: object) =>
    browser().send("POST", "/api/auth/request-password-reset", body, { "cf-connecting-ip": ip });
  const answers = await Promise.all(Array.from({ length: 31 }, () => ask({ email: freshEmail() })));
  expect(answers.map(({ status }) => status).filter((status) => status === 429)).toEqual([429]);
  await signedUp();
  const rows = await database(bindings)`
    SELECT to_json(t)::text AS text FROM (SELECT key FROM attempts) t UNION ALL SELECT to_json(s)::text FROM sessions s`;
  for (const { text } of rows) {
    expect(text).not.toContain(ip);
    expect(text).not.toContain("2001:db8");
  }
});

test("sessions are listed by where they are, and ended from any other", async () => {
  const { email, client } = await signedUp();
  const phone = browser();
  await phone.send("POST", "/api/auth/sign-in/email", { email, password: PASSWORD }, { "user-agent": "Phone" });
  const list = async () =>
    (
      await (
        await client.send("GET", "/api/v1/me/sessions")
      ).json<{
        sessions: { id: string; user_agent: string; current: boolean }[];
      }>()
    ).sessions;
  const sessions = await list();
  expect(sessions.map(({ user_agent, current }) => [user_agent, current])).toEqual([
    ["Phone", false],
    ["", true],
  ]);
  expect(JSON.stringify(sessions)).not.toContain(decodeURIComponent(phone.cookies.get(SESSION)!).split(".")[0]);
  const { client: stranger } = await signedUp();
  expect((await stranger.send("DELETE", `/api/v1/me/sessions/${sessions[0]!.id}`)).status).toBe(404);
  expect(await isIn(phone)).toBe(true);
  expect((await client.send("DELETE", `/api/v1/me/sessions/${sessions[0]!.id}`)).status).toBe(204);
  expect([await isIn(phone), await isIn(client)]).toEqual([false, true]);
  await signIn(phone, email);
  expect((await phone.send("DELETE", "/api/v1/me/sessions")).status).toBe(204);
  expect([await isIn(phone), await isIn(client)]).toEqual([true, false]);
});

test("bodies are read strictly, and small", async () => {
  const post = async (body: unknown) => outcomeOf(await browser().send("POST", "/api/auth/sign-up/email", body));
  const right = { name: "Ada", email: freshEmail(), password: PASSWORD };
  expect(await post({ ...right, emailVerified: true })).toEqual([400, "unknown_key"]);
  expect(await post({ ...right, callbackURL: "https://evil.example" })).toEqual([400, "unknown_key"]);
  expect(await post({ ...right, email: "ada" })).toEqual([400, "invalid"]);
  expect(await post({ ...right, password: "short" })).toEqual([400, "too_little"]);
  expect(await post({ ...right, password: "x".repeat(129) })).toEqual([400, "too_much"]);
  expect(await post({ ...right, name: "x".repeat(20_000) })).toEqual([413, "too_large"]);
  expect(await post("{")).toEqual([400, "wrong_type"]);
  expect(await outcomeOf(await browser().send("POST", "/api/auth/list-sessions", {}))).toEqual([401, "unauthorized"]);
});

test("a server without its secret says which one, and an operator still gets in", async () => {
  for (const AUTH_SECRET of ["", "too short"]) {
    const client = browser({ ...bindings, AUTH_SECRET });
    const answer = await client.send("POST", "/api/auth/sign-in/email", { email: freshEmail(), password: PASSWORD });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("AUTH_SECRET");
    const headers = { authorization: `Bearer ${bindings.OPERATOR_TOKEN}` };
    expect((await client.send("GET", "/api/v1/metrics", undefined, headers)).status).toBe(200);
  }
});

test("while Postgres is away nobody signs in, and who was here lately goes on reading", async () => {
  const { email, client } = await signedUp();
  await client.send("GET", "/api/v1/metrics");
  const away = browser({ ...bindings, NEON_BRIDGE: "127.0.0.1:9" });
  expect(await outcomeOf(await signIn(away, email))).toEqual([503, "unavailable"]);
  away.cookies.set(SESSION, client.cookies.get(SESSION)!);
  expect((await away.send("GET", "/api/v1/metrics")).status).toBe(200);
  expect((await away.send("PATCH", "/api/v1/organisations/o_x", { name: "x" })).status).toBe(503);
});
