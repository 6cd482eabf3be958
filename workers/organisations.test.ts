import { expect, test } from "vitest";
import { bindings, browser, type Client, freshEmail, linkFrom, signedUp } from "./auth-fixture.ts";

const reasonOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  (await response.json<{ error: { reason: string } }>()).error.reason,
];

async function organisationOf(client: Client, name = "Hats"): Promise<string> {
  const made = await client.send("POST", "/api/v1/organisations", { name });
  expect(made.status).toBe(201);
  return (await made.json<{ id: string }>()).id;
}

const idOf = async (client: Client): Promise<string> =>
  (await (await client.send("GET", "/api/v1/me")).json<{ person: { id: string } }>()).person.id;

async function join(owner: Client, organisation: string, role: string): Promise<Client & { id: string }> {
  const { email, client } = await signedUp();
  const invited = await owner.send("POST", "/api/v1/invitations", { organisation, email, role });
  expect(invited.status).toBe(201);
  const token = (await linkFrom(email, 2)).split("#invitation=")[1];
  const accepted = await client.send("POST", "/api/v1/invitations/accept", { token });
  expect(await accepted.json()).toEqual({ organisation, role });
  return { ...client, id: await idOf(client) };
}

test("an organisation is made, renamed, listed with one's role, and deleted when it has no merchants", async () => {
  const { client } = await signedUp();
  const id = await organisationOf(client);
  expect((await client.send("PATCH", `/api/v1/organisations/${id}`, { name: "Hats & Co" })).status).toBe(200);
  const merchant = { organisation: id, name: "Hats", zone: "Europe/Berlin", currency: "EUR" };
  const made = await (await client.send("POST", "/api/v1/merchants", merchant)).json<{ id: string }>();
  expect(await (await client.send("GET", "/api/v1/organisations")).json()).toEqual({
    organisations: [{ id, name: "Hats & Co", role: "owner", members: 1, merchants: 1 }],
  });
  expect(await reasonOf(await client.send("DELETE", `/api/v1/organisations/${id}`))).toEqual([409, "has_merchants"]);
  expect((await client.send("DELETE", `/api/v1/merchants/${made.id}`)).status).toBe(204);
  expect(await (await client.send("GET", "/api/v1/merchants")).json()).toEqual({ merchants: [], as_of: null });
});

test("people are invited, change roles, leave; the last owner stays", async () => {
  const { client: owner } = await signedUp();
  const organisation = await organisationOf(owner);
  const admin = await join(owner, organisation, "admin");
  const viewer = await join(admin, organisation, "viewer");
  const members = `/api/v1/members/${organisation}`;
  // An admin is not more than an admin.
  expect((await admin.send("PATCH", `${members}/${viewer.id}`, { role: "owner" })).status).toBe(403);
  expect((await admin.send("PATCH", `${members}/${await idOf(owner)}`, { role: "viewer" })).status).toBe(403);
  expect((await admin.send("DELETE", `${members}/${await idOf(owner)}`)).status).toBe(403);
  expect((await viewer.send("PATCH", `${members}/${viewer.id}`, { role: "admin" })).status).toBe(403);
  expect((await admin.send("PATCH", `${members}/${viewer.id}`, { role: "analyst" })).status).toBe(200);
  expect(await reasonOf(await owner.send("POST", `/api/v1/organisations/${organisation}/leave`, {}))).toEqual([
    409,
    "last_owner",
  ]);
  expect(await reasonOf(await owner.send("PATCH", `${members}/${await idOf(owner)}`, { role: "admin" }))).toEqual([
    409,
    "last_owner",
  ]);
  const given = await owner.send("POST", `/api/v1/organisations/${organisation}/transfer`, { person: admin.id });
  expect(given.status).toBe(204);
  const listed = await (
    await viewer.send("GET", `/api/v1/members?organisation=${organisation}`)
  ).json<{
    members: { person: string; role: string }[];
  }>();
  expect(Object.fromEntries(listed.members.map(({ person, role }) => [person, role]))).toEqual({
    [await idOf(owner)]: "admin",
    [admin.id]: "owner",
    [viewer.id]: "analyst",
  });
  expect((await owner.send("POST", `/api/v1/organisations/${organisation}/leave`, {})).status).toBe(204);
  expect((await owner.send("GET", `/api/v1/members?organisation=${organisation}`)).status).toBe(404);
});

test("owners who unmake each other at once leave one", async () => {
  const { client: first } = await signedUp();
  const organisation = await organisationOf(first);
  const second = await join(first, organisation, "owner");
  const leave = `/api/v1/organisations/${organisation}/leave`;
  const left = await Promise.all([first.send("POST", leave, {}), second.send("POST", leave, {})]);
  expect(left.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409]);
});

test("an invitation holds once, for its address, until it is withdrawn or sent again", async () => {
  const { client: owner } = await signedUp();
  const organisation = await organisationOf(owner);
  const { email, client } = await signedUp();
  const { client: stranger } = await signedUp();
  const invite = () => owner.send("POST", "/api/v1/invitations", { organisation, email, role: "viewer" });
  const accept = (who: Client, link: string) =>
    who.send("POST", "/api/v1/invitations/accept", { token: link.split("=")[1] });
  await invite();
  const first = await linkFrom(email, 2);
  expect((await accept(stranger, first)).status).toBe(404);
  const { id } = await (await invite()).json<{ id: string }>();
  const second = await linkFrom(email, 3);
  expect((await accept(client, first)).status).toBe(404);
  expect((await stranger.send("DELETE", `/api/v1/invitations/${id}`)).status).toBe(404);
  expect((await owner.send("DELETE", `/api/v1/invitations/${id}`)).status).toBe(204);
  expect((await accept(client, second)).status).toBe(404);
  await invite();
  const third = await linkFrom(email, 4);
  expect((await accept(client, third)).status).toBe(200);
  expect((await accept(client, third)).status).toBe(404);
});

test("the operator makes organisations and invites; it is nobody's member", async () => {
  const operator = browser();
  const headers = { authorization: `Bearer ${bindings.OPERATOR_TOKEN}` };
  const made = await operator.send("POST", "/api/v1/organisations", { name: "Agency" }, headers);
  const { id } = await made.json<{ id: string }>();
  const email = freshEmail();
  const body = { organisation: id, email, role: "owner" };
  expect((await operator.send("POST", "/api/v1/invitations", body, headers)).status).toBe(201);
  expect(await linkFrom(email)).toContain("#invitation=");
  expect(await reasonOf(await operator.send("POST", `/api/v1/organisations/${id}/leave`, {}, headers))).toEqual([
    403,
    "person_only",
  ]);
});
