import { expect, test } from "vitest";
import { browser, freshEmail, linkFrom, PASSWORD, signedUp } from "./auth-fixture.ts";
import { totpCode } from "./auth-totp.ts";
import { bindings, exchange, exchangeBy, post, unseen } from "./openapi-fixture.ts";

test("sessions", async () => {
  const at = "/api/v1/session";
  await exchange(`POST ${at}`, at, { ...post({ token: bindings.OPERATOR_TOKEN }), status: 204 });
  await exchange(`POST ${at}`, at, { ...post({}), status: 400 });
  await exchange(`GET ${at}`, at, { status: 204 });
  await exchange(`GET ${at}`, at, { headers: { authorization: "Bearer no" }, status: 401 });
  await exchange(`DELETE ${at}`, at, { method: "DELETE", status: 204 });
});

/** Who has an organisation, and its id. */
async function owner() {
  const { client, email } = await signedUp();
  const { person } = await exchangeBy<{ person: { id: string } }>(client, "GET /api/v1/me");
  const made = { body: { name: "Hats" }, status: 201 };
  const { id } = await exchangeBy<{ id: string }>(client, "POST /api/v1/organisations", made);
  return { client, email, person: person.id, organisation: id };
}

test("accounts: signing up, in and out, mails, a new password and address", async () => {
  const email = freshEmail();
  const client = browser();
  const signIn = "POST /api/auth/sign-in/email";
  await exchangeBy(client, "POST /api/auth/sign-up/email", {
    body: { name: "Ada", email, password: PASSWORD },
    status: 204,
  });
  await exchangeBy(client, "POST /api/auth/sign-up/email", { body: { name: "Ada" }, status: 400 });
  await exchangeBy(client, signIn, { body: { email, password: PASSWORD }, status: 403 });
  await exchangeBy(client, "POST /api/auth/send-verification-email", { body: { email }, status: 204 });
  await exchangeBy(client, "GET /api/auth/verify-email", { address: await linkFrom(email, 2), status: 302 });
  await exchangeBy(client, signIn, { body: { email, password: "wrong" }, status: 401 });
  await exchangeBy(client, signIn, { body: { email, password: PASSWORD } });
  await exchangeBy(client, "POST /api/auth/update-user", { body: { name: "Ada L." }, status: 204 });
  await exchangeBy(client, "POST /api/auth/change-email", { body: { email: freshEmail() }, status: 204 });
  const password = `${PASSWORD}!`;
  const changed = { password: PASSWORD, new_password: password };
  await exchangeBy(client, "POST /api/auth/change-password", { body: changed, status: 204 });
  await exchangeBy(client, "POST /api/auth/sign-out", { body: {}, status: 204 });
  const forgetful = await signedUp();
  await exchangeBy(client, "POST /api/auth/request-password-reset", { body: { email: forgetful.email }, status: 204 });
  const token = (await linkFrom(forgetful.email, 2)).split("#reset=")[1];
  await exchangeBy(client, "POST /api/auth/reset-password", { body: { token, password }, status: 204 });
});

test("a second factor", async () => {
  const { client, email } = await signedUp();
  const at = "POST /api/auth/two-factor";
  const body = { password: PASSWORD };
  const { totp_uri } = await exchangeBy<{ totp_uri: string }>(client, `${at}/enable`, { body });
  await exchangeBy(client, `${at}/verify-totp`, { body: { code: await totpCode(totp_uri, Date.now()) } });
  const made = `${at}/generate-backup-codes`;
  const { backup_codes } = await exchangeBy<{ backup_codes: string[] }>(client, made, { body });
  const again = browser();
  const asked = await exchangeBy(again, "POST /api/auth/sign-in/email", { body: { email, password: PASSWORD } });
  expect(asked).toEqual({ two_factor: true });
  await exchangeBy(again, `${at}/verify-backup-code`, { body: { code: backup_codes[0] } });
  await exchangeBy(again, `${at}/disable`, { body, status: 204 });
});

test("where one is signed in", async () => {
  const { client, email } = await signedUp();
  const other = browser();
  await other.send("POST", "/api/auth/sign-in/email", { email, password: PASSWORD });
  await exchange("GET /api/v1/me", "/api/v1/me");
  await exchange("GET /api/v1/me/sessions", "/api/v1/me/sessions", { status: 403 });
  const { sessions } = await exchangeBy<{ sessions: { id: string; current: boolean }[] }>(
    client,
    "GET /api/v1/me/sessions",
  );
  const id = sessions.find(({ current }) => !current)!.id;
  const route = "DELETE /api/v1/me/sessions/:id";
  await exchangeBy(client, route, { address: `/api/v1/me/sessions/${id}`, status: 204 });
  await exchangeBy(client, route, { address: `/api/v1/me/sessions/${id}`, status: 404 });
  await exchangeBy(client, "DELETE /api/v1/me/sessions", { status: 204 });
});

test("organisations, their members and invitations", async () => {
  const ada = await owner();
  const bob = await owner();
  const of = `/api/v1/organisations/${ada.organisation}`;
  const route = "/api/v1/organisations/:id";
  await exchangeBy(ada.client, "POST /api/v1/organisations", { body: { name: "" }, status: 400 });
  await exchangeBy(ada.client, "GET /api/v1/organisations");
  await exchangeBy(ada.client, `GET ${route}`, { address: of });
  await exchangeBy(bob.client, `GET ${route}`, { address: of, status: 404 });
  await exchangeBy(ada.client, `PATCH ${route}`, { address: of, body: { name: "More hats" } });
  const invite = (email: string) =>
    exchangeBy<{ id: string }>(ada.client, "POST /api/v1/invitations", {
      body: { organisation: ada.organisation, email, role: "admin" },
      status: 201,
    });
  await invite(bob.email);
  const { id } = await invite(freshEmail());
  await exchangeBy(ada.client, "GET /api/v1/invitations", {
    address: `/api/v1/invitations?organisation=${ada.organisation}`,
  });
  const withdrawn = { address: `/api/v1/invitations/${id}` };
  await exchangeBy(ada.client, "DELETE /api/v1/invitations/:id", { ...withdrawn, status: 204 });
  await exchangeBy(ada.client, "DELETE /api/v1/invitations/:id", { ...withdrawn, status: 404 });
  const token = (await linkFrom(bob.email, 2)).split("#invitation=")[1];
  await exchangeBy(bob.client, "POST /api/v1/invitations/accept", { body: { token } });
  await exchangeBy(bob.client, "POST /api/v1/invitations/accept", { body: { token }, status: 404 });
  await exchangeBy(ada.client, "GET /api/v1/members", { address: `/api/v1/members?organisation=${ada.organisation}` });
  const member = "/api/v1/members/:organisation/:person";
  const address = (person: string) => `/api/v1/members/${ada.organisation}/${person}`;
  await exchangeBy(ada.client, `PATCH ${member}`, { address: address(bob.person), body: { role: "analyst" } });
  await exchangeBy(ada.client, `PATCH ${member}`, {
    address: address(ada.person),
    body: { role: "viewer" },
    status: 409,
  });
  await exchangeBy(ada.client, `DELETE ${member}`, { address: address(ada.person), status: 409 });
  const given = { body: { person: bob.person }, status: 204 };
  await exchangeBy(ada.client, `POST ${route}/transfer`, { address: `${of}/transfer`, ...given });
  await exchangeBy(bob.client, `POST ${route}/leave`, { address: `${of}/leave`, body: {}, status: 409 });
  await exchangeBy(ada.client, `POST ${route}/leave`, { address: `${of}/leave`, body: {}, status: 204 });
  const cyd = await owner();
  await exchange("POST /api/v1/invitations", "/api/v1/invitations", {
    ...post({ organisation: ada.organisation, email: cyd.email, role: "viewer" }),
    status: 201,
  });
  const second = (await linkFrom(cyd.email, 2)).split("#invitation=")[1];
  await exchangeBy(cyd.client, "POST /api/v1/invitations/accept", { body: { token: second } });
  await exchangeBy(bob.client, `DELETE ${member}`, { address: address(cyd.person), status: 204 });
  await exchangeBy(bob.client, `DELETE ${route}`, { address: of, status: 204 });
});

test("merchants", async () => {
  const ada = await owner();
  const other = await exchangeBy<{ id: string }>(ada.client, "POST /api/v1/organisations", {
    body: { name: "B" },
    status: 201,
  });
  const shop = { organisation: ada.organisation, name: "Hats", zone: "Europe/Berlin", currency: "EUR" };
  const { id } = await exchangeBy<{ id: string }>(ada.client, "POST /api/v1/merchants", { body: shop, status: 201 });
  await exchangeBy(ada.client, "POST /api/v1/merchants", { body: { ...shop, zone: "Nowhere" }, status: 400 });
  const address = `/api/v1/merchants/${id}`;
  await exchangeBy(ada.client, "GET /api/v1/merchants");
  await exchange("GET /api/v1/merchants", "/api/v1/merchants");
  await exchangeBy(ada.client, "GET /api/v1/merchants/:id", { address });
  await exchangeBy(ada.client, "PATCH /api/v1/merchants/:id", { address, body: { retention_days: 400 } });
  const spread = { ...post({ shards: 2 }), method: "PATCH" };
  await exchange("PATCH /api/v1/merchants/:id", address, spread);
  await exchangeBy(ada.client, "POST /api/v1/merchants/:id/transfer", {
    address: `${address}/transfer`,
    body: { organisation: other.id },
  });
  await exchangeBy(ada.client, "DELETE /api/v1/organisations/:id", {
    address: `/api/v1/organisations/${other.id}`,
    status: 409,
  });
  await exchangeBy(ada.client, "DELETE /api/v1/merchants/:id", { address, status: 204 });
  await exchangeBy(ada.client, "GET /api/v1/merchants/:id", { address, status: 404 });
  await exchangeBy(ada.client, "POST /api/v1/merchants/:id/restore", { address: `${address}/restore`, status: 204 });
  await exchangeBy(ada.client, "GET /api/v1/merchants/:id", { address });
});

test("tokens, and the record of who changed what", async () => {
  const ada = await owner();
  const bob = await owner();
  const route = "/api/v1/tokens";
  const body = { organisation: ada.organisation, name: "a till", scope: "read" };
  const { id, token } = await exchangeBy<{ id: string; token: string }>(ada.client, `POST ${route}`, {
    body,
    status: 201,
  });
  await exchangeBy(ada.client, `POST ${route}`, { body: { ...body, scope: "all" }, status: 400 });
  await exchangeBy(ada.client, `POST ${route}`, { body: { ...body, scope: "ops" }, status: 403 });
  await exchangeBy(bob.client, `POST ${route}`, { body, status: 404 });
  const headers = { authorization: `Bearer ${token}` };
  await exchange("GET /api/v1/me", "/api/v1/me", { headers });
  await exchange(`GET ${route}`, route, { headers, status: 403 });
  await exchange(`GET ${route}`, route);
  await exchangeBy(ada.client, `GET ${route}`, { status: 400 });
  await exchangeBy(ada.client, `GET ${route}`, { address: `${route}?organisation=${ada.organisation}` });
  const address = `${route}/${id}/rotate`;
  const next = await exchangeBy<{ id: string }>(ada.client, `POST ${route}/:id/rotate`, {
    address,
    body: { overlap_hours: 0 },
    status: 201,
  });
  await exchangeBy(ada.client, `POST ${route}/:id/rotate`, { address, body: {}, status: 409 });
  await exchangeBy(ada.client, `DELETE ${route}/:id`, { address: `${route}/${next.id}`, status: 204 });
  await exchangeBy(ada.client, `DELETE ${route}/:id`, { address: `${route}/none`, status: 404 });
  const audit = "GET /api/v1/audit";
  await exchangeBy(ada.client, audit, { address: `/api/v1/audit?organisation=${ada.organisation}` });
  await exchangeBy(bob.client, audit, { address: `/api/v1/audit?organisation=${ada.organisation}`, status: 404 });
  await exchangeBy(ada.client, audit, { address: "/api/v1/audit", status: 400 });
  await exchange(audit, "/api/v1/audit?limit=2");
});

test("of every route an answer has been seen", () => {
  expect(unseen("accounts")).toEqual([]);
});
