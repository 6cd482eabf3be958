import { expect, test } from "vitest";
import { browser, freshEmail, linkFrom, PASSWORD } from "./auth-fixture.ts";

const reasonOf = async (response: Response): Promise<string> =>
  (await response.json<{ error: { reason: string } }>()).error.reason;

test("sign-up, confirmation by mail, sign-in, sign-out", async () => {
  const email = freshEmail();
  const client = browser();
  const signUp = await client.send("POST", "/api/auth/sign-up/email", { name: "Ada", email, password: PASSWORD });
  expect(signUp.status).toBe(204);
  const early = await client.send("POST", "/api/auth/sign-in/email", { email, password: PASSWORD });
  expect([early.status, await reasonOf(early)]).toEqual([403, "email_not_verified"]);
  const verified = await client.send("GET", await linkFrom(email));
  expect([verified.status, verified.headers.get("location")]).toEqual([302, "/#verified"]);
  const signIn = await client.send("POST", "/api/auth/sign-in/email", {
    email: email.toUpperCase(),
    password: PASSWORD,
  });
  expect(await signIn.json()).toEqual({ person: { id: expect.any(String), name: "Ada", email } });
  expect((await client.send("GET", "/api/v1/metrics")).status).toBe(200);
  expect((await client.send("POST", "/api/auth/sign-out", {})).status).toBe(204);
  expect((await client.send("GET", "/api/v1/metrics")).status).toBe(401);
});
