// Ids and keys that are not the asker's to use. Every id in every path and body that belongs to another organisation is answered as one
// that there is not, word for word; and no body takes a key that is not its own. The routes are the router's own: a new one that takes
// an id or a body without a row here fails.

import { beforeAll, expect, test } from "vitest";
import { database } from "../migrations/database.ts";
import { makeWorld, type World } from "./access-fixture.ts";
import { bindings, freshEmail, PASSWORD } from "./auth-fixture.ts";
import {
  ask,
  askerOf,
  expectSound,
  filled,
  idIn,
  nameOf,
  parametersOf,
  type Route,
  ROUTES,
} from "./security-fixture.ts";

type Body = (world: World) => object;

const DAY = "2026-11-01";
const SHOP = { name: "Hats", zone: "Europe/Berlin", currency: "EUR" };
const GOAL = { goal_type: "event", event_name: "signup", display_name: "Sign-up" };
const SEGMENT = { name: "Paid", filters: [["is", "channel", ["Paid Search"]]] };
const query = (merchant: string) => ({ merchant, metrics: ["visitors"], date_range: "day" });

/** What each route that takes a body takes, from whoever may. */
const BODIES: Record<string, Body> = {
  "POST /api/v1/session": () => ({ token: bindings.OPERATOR_TOKEN }),
  "POST /api/auth/sign-up/email": () => ({ name: "Ada", email: freshEmail(), password: PASSWORD }),
  "POST /api/auth/sign-in/email": () => ({ email: freshEmail(), password: PASSWORD }),
  "POST /api/auth/sign-out": () => ({}),
  "POST /api/auth/send-verification-email": () => ({ email: freshEmail() }),
  "POST /api/auth/request-password-reset": () => ({ email: freshEmail() }),
  "POST /api/auth/reset-password": () => ({ token: "none", password: PASSWORD }),
  "POST /api/auth/change-email": () => ({ email: freshEmail() }),
  "POST /api/auth/change-password": () => ({ password: PASSWORD, new_password: PASSWORD }),
  "POST /api/auth/update-user": () => ({ name: "Ada" }),
  "POST /api/auth/two-factor/enable": () => ({ password: PASSWORD }),
  "POST /api/auth/two-factor/disable": () => ({ password: PASSWORD }),
  "POST /api/auth/two-factor/generate-backup-codes": () => ({ password: PASSWORD }),
  "POST /api/auth/two-factor/verify-totp": () => ({ code: "000000" }),
  "POST /api/auth/two-factor/verify-backup-code": () => ({ code: "none" }),
  "POST /api/v1/links/:id/open": () => ({ password: PASSWORD }),
  "POST /api/v1/merchants": ({ organisation }) => ({ ...SHOP, organisation }),
  "PATCH /api/v1/merchants/:id": () => ({ name: "Hats" }),
  "POST /api/v1/merchants/:id/transfer": ({ organisation }) => ({ organisation }),
  "PUT /api/v1/merchants/:id/rules": () => ({ rules: {}, version: 0 }),
  "POST /api/v1/merchants/:id/rules/preview": () => ({ rules: {}, from: DAY, to: DAY }),
  "POST /api/v1/merchants/:id/rules/runs/:run/apply": () => ({}),
  "POST /api/v1/merchants/:id/rules/runs/:run/rollback": () => ({}),
  "POST /api/v1/merchants/:id/rules/runs/:run/cancel": () => ({}),
  "POST /api/v1/merchants/:id/rules/runs/:run/resume": () => ({}),
  "POST /api/v1/merchants/:id/goals": () => GOAL,
  "PUT /api/v1/merchants/:id/goals/:name": () => GOAL,
  "POST /api/v1/merchants/:id/segments": () => SEGMENT,
  "PATCH /api/v1/merchants/:id/segments/:segment": () => ({ name: "Free" }),
  "POST /api/v1/merchants/:id/annotations": () => ({ date: DAY, text: "Sale" }),
  "PATCH /api/v1/merchants/:id/annotations/:annotation": () => ({ text: "No sale" }),
  "POST /api/v1/merchants/:id/erasures": () => ({ user: "customer-4711", why: "a test" }),
  "POST /api/v1/merchants/:id/links": () => ({ name: "Board" }),
  "PATCH /api/v1/merchants/:id/links/:link": () => ({ name: "Press" }),
  "POST /api/v1/organisations": () => ({ name: "Mine" }),
  "PATCH /api/v1/organisations/:id": () => ({ name: "New" }),
  "POST /api/v1/organisations/:id/transfer": ({ member }) => ({ person: member }),
  "PATCH /api/v1/members/:organisation/:person": () => ({ role: "analyst" }),
  "POST /api/v1/invitations": ({ organisation }) => ({ organisation, email: freshEmail(), role: "viewer" }),
  "POST /api/v1/invitations/accept": () => ({ token: "none" }),
  "POST /api/v1/tokens": ({ merchant }) => ({ name: "Robot", scope: "read", merchant }),
  "POST /api/v1/tokens/:id/rotate": () => ({ overlap_hours: 1 }),
  "POST /api/v1/query": ({ merchant }) => query(merchant),
  "POST /api/v1/funnel": ({ merchant }) => ({ merchant, date_range: "day", preset: "shop" }),
  "POST /api/v1/properties": ({ merchant }) => ({ merchant, date_range: "day" }),
  "POST /api/v1/jobs": ({ merchant }) => ({ query: query(merchant) }),
  "POST /api/graphql": () => ({ query: "{ merchants { id name } }" }),
  "POST /api/ops/audits": ({ merchant }) => ({ merchant, from: DAY, to: DAY, who: "ada" }),
  "POST /api/ops/rebuilds": ({ merchant }) => ({
    merchants: [merchant],
    from: DAY,
    to: DAY,
    why: "a test",
    who: "ada",
  }),
  "POST /api/ops/replays": ({ merchant }) => ({ merchants: [merchant], from: DAY, to: DAY, why: "a test", who: "ada" }),
  "POST /api/ops/replays/:id/resume": () => ({}),
  "POST /api/ops/replays/:id/apply": () => ({}),
  "POST /api/ops/replays/:id/rollback": () => ({}),
  "POST /api/ops/replays/:id/cancel": () => ({}),
};

/** Nothing is read from what these are sent. */
const WITHOUT_BODIES = [
  "POST /api/v1/merchants/:id/restore",
  "POST /api/v1/organisations/:id/leave",
  "POST /api/ops/dead-letters/:id/retry",
  "POST /api/ops/merchants/:id/flush",
  "POST /api/ops/merchants/:id/seal",
];

/**
 * A library's, which reads the keys that the protocol names; a sign-in that reads one; and runs that nobody but the operator starts,
 * who may do everything: what they do not know they do not look at.
 */
const LENIENT = [
  "POST /api/graphql",
  "POST /api/v1/session",
  ...ROUTES.map(nameOf).filter((name) => name.startsWith("POST /api/ops/")),
];

const rowed = ROUTES.filter((route) => nameOf(route) in BODIES);

test("each route that takes a body has a row", () => {
  const withBody = ROUTES.filter(({ method }) => ["POST", "PUT", "PATCH"].includes(method)).map(nameOf);
  expect([...Object.keys(BODIES), ...WITHOUT_BODIES].toSorted()).toEqual(withBody.toSorted());
});

/** Things in a merchant or beside it, by the parameter that names them, and what makes one. */
const MADE: Record<string, { route: string; id?: string }> = {
  segment: { route: "POST /api/v1/merchants/:id/segments" },
  annotation: { route: "POST /api/v1/merchants/:id/annotations" },
  link: { route: "POST /api/v1/merchants/:id/links" },
  name: { route: "POST /api/v1/merchants/:id/goals", id: "display_name" },
  erasure: { route: "POST /api/v1/merchants/:id/erasures" },
  run: { route: "POST /api/v1/merchants/:id/rules/preview" },
  version: { route: "PUT /api/v1/merchants/:id/rules", id: "version" },
};

/** The owner's world with one of each, the same of a neighbour, who has nothing to do with it, and what is nowhere. */
interface Worlds {
  owner: World;
  neighbour: World;
  ids: Record<string, string>;
  token: string;
  job: string;
  session: string;
}

let worlds: Worlds;

async function makeOne(world: World, name: string, id = "id"): Promise<string> {
  const route = ROUTES.find((each) => nameOf(each) === name)!;
  const path = filled(route, (parameter) => idIn(world, route, parameter));
  const response = await ask(world, "owner", { ...route, path }, { body: JSON.stringify(BODIES[name]!(world)) });
  const text = await expectSound(response, name);
  expect([name, response.status, text]).toEqual([name, expect.toSatisfy((status: number) => status < 300), text]);
  return String((JSON.parse(text) as Record<string, unknown>)[id]);
}

beforeAll(async () => {
  const [owner, neighbour] = await Promise.all([makeWorld(), makeWorld()]);
  const ids: Record<string, string> = {};
  for (const [parameter, { route, id }] of Object.entries(MADE)) {
    // Rules first seen are version 0; the goal has made one by then.
    if (parameter !== "version") ids[parameter] = await makeOne(owner, route, id);
  }
  ids["version"] = "1";
  worlds = {
    owner,
    neighbour,
    ids,
    token: await makeOne(owner, "POST /api/v1/tokens"),
    job: await makeOne(owner, "POST /api/v1/jobs"),
    session: String(
      (await database(bindings)`SELECT id FROM sessions WHERE person = ${owner.people.owner} LIMIT 1`)[0]!["id"],
    ),
  };
});

/** A name of the same kind that nothing has. */
const nowhere = (id: string): string =>
  /^\d+$/.test(id) ? "999999999" : id.replace(/[0-9a-z]+$/, (letters) => "0".repeat(letters.length));

/** What the parameter names in the owner's world. */
function foreign(route: Route, parameter: string): string {
  const { owner, ids, token, job, session } = worlds;
  if (route.path.includes("/erasures/") && parameter === "run") return ids["erasure"]!;
  if (parameter in ids) return ids[parameter]!;
  if (route.path.includes("/tokens/")) return token;
  if (route.path.includes("/jobs/")) return job;
  if (route.path.includes("/sessions/")) return session;
  if (route.path.includes("/links/:id")) return ids["link"]!;
  const id = idIn(owner, route, parameter);
  if (id === "none") throw new Error(`say what makes a ${parameter} of ${nameOf(route)}`);
  return id;
}

/** For everybody, or the operator's alone; the operator knows everything. */
const OPEN = ["GET /api/v1/files/:key{.+}", "POST /api/v1/links/:id/open"];
const withIds = ROUTES.filter(
  (route) => parametersOf(route).length > 0 && !route.path.startsWith("/api/ops") && !OPEN.includes(nameOf(route)),
);

/** What is answered, with the id that was asked for taken out of it. */
async function answerTo(asker: World, route: Route, path: string, body: object, id: string): Promise<[number, string]> {
  const response = await ask(asker, "owner", { ...route, path }, { body: JSON.stringify(body) });
  const text = await expectSound(response, `${route.method} ${path}`);
  return [response.status, text.replaceAll(id, "…")];
}

test.each(withIds.map((route) => [nameOf(route), route] as const))(
  "another organisation's id is one that there is not: %s",
  async (name, route) => {
    const { owner, neighbour } = worlds;
    const body = BODIES[name]?.(neighbour) ?? {};
    for (const at of parametersOf(route)) {
      const id = foreign(route, at);
      // The others are the neighbour's own, so that nothing but this id can be why it is refused.
      const placed = (value: string) =>
        filled(route, (each) =>
          encodeURIComponent(
            each === at
              ? value
              : each === "id" || each === "organisation"
                ? idIn(neighbour, route, each)
                : foreign(route, each),
          ),
        );
      const [asked, missing] = [
        await answerTo(neighbour, route, placed(id), body, id),
        await answerTo(neighbour, route, placed(nowhere(id)), body, nowhere(id)),
      ];
      expect([at, asked]).toEqual([at, missing]);
      expect([at, asked[0]]).toEqual([at, 404]);
      expect(asked[1]).not.toContain(owner.secret);
    }
  },
);

test("the ids are there: whoever may finds them", async () => {
  for (const route of withIds.filter(({ method }) => method === "GET")) {
    const path = filled(route, (parameter) => encodeURIComponent(foreign(route, parameter)));
    const range = path.endsWith("/files") ? `?kind=raw&from=${DAY}&to=${DAY}` : "";
    const { status } = await ask(worlds.owner, "owner", { ...route, path }, { query: range });
    // A job that is not done has no result yet, and a run no difference.
    expect([path, status]).toEqual([path, expect.toSatisfy((each: number) => each === 200 || each === 409)]);
  }
});

test("ids in bodies and queries are held against the asker too, in the same words", async () => {
  const { owner, neighbour } = worlds;
  const own = { owner: neighbour, merchant: neighbour.merchant, organisation: neighbour.organisation };
  const cases: [string, string, (world: { merchant: string; organisation: string }, person?: string) => object][] = [
    ["POST", "/api/v1/merchants", ({ organisation }) => ({ ...SHOP, organisation })],
    ["POST", `/api/v1/merchants/${own.merchant}/transfer`, ({ organisation }) => ({ organisation })],
    ["POST", "/api/v1/invitations", ({ organisation }) => ({ organisation, email: "x@example.com", role: "viewer" })],
    ["POST", "/api/v1/tokens", ({ organisation }) => ({ name: "x", scope: "read", organisation })],
    ["POST", "/api/v1/tokens", ({ merchant }) => ({ name: "x", scope: "read", merchant })],
    ["POST", "/api/v1/query", ({ merchant }) => query(merchant)],
    ["POST", "/api/v1/funnel", ({ merchant }) => ({ merchant, date_range: "day", preset: "shop" })],
    ["POST", "/api/v1/properties", ({ merchant }) => ({ merchant, date_range: "day" })],
    ["POST", "/api/v1/jobs", ({ merchant }) => ({ query: query(merchant) })],
    ["POST", `/api/v1/organisations/${own.organisation}/transfer`, () => ({ person: "" })],
  ];
  const none = { merchant: "m_000000000000", organisation: "o_000000000000" };
  for (const [method, path, bodyOf] of cases) {
    const told = async (world: typeof none, person: string): Promise<unknown> => {
      const sent = bodyOf(world);
      const body = "person" in sent ? { person } : sent;
      const response = await ask(neighbour, "owner", { method, path }, { body: JSON.stringify(body) });
      return [path, response.status, await expectSound(response, path)];
    };
    const asked = await told(owner, owner.member);
    expect(asked).toEqual(await told(none, "nobody"));
    expect(asked).toEqual([path, 404, expect.any(String)]);
  }
  const addresses = (world: typeof none): string[] => [
    `/api/v1/members?organisation=${world.organisation}`,
    `/api/v1/invitations?organisation=${world.organisation}`,
    `/api/v1/tokens?organisation=${world.organisation}`,
    `/api/v1/tokens?merchant=${world.merchant}`,
    `/api/v1/audit?organisation=${world.organisation}`,
    `/api/v1/audit?merchant=${world.merchant}`,
    `/api/v1/query?merchant=${world.merchant}&metrics=visitors&date_range=day`,
    `/live?merchant=${world.merchant}`,
  ];
  for (const [at, path] of addresses(owner).entries()) {
    const told = async (address: string): Promise<unknown> => {
      const response = await ask(
        neighbour,
        "owner",
        { method: "GET", path: address },
        { headers: { upgrade: "websocket" } },
      );
      return [response.status, await expectSound(response, address)];
    };
    expect([path, await told(path)]).toEqual([path, await told(addresses(none)[at]!)]);
    expect([
      path,
      (await ask(neighbour, "owner", { method: "GET", path }, { headers: { upgrade: "websocket" } })).status,
    ]).toEqual([path, 404]);
  }
});

test("a segment of another merchant filters nothing", async () => {
  const { neighbour, ids } = worlds;
  const told = async (segment: string): Promise<unknown> => {
    const body = { ...query(neighbour.merchant), filters: [["is", "segment", [segment]]] };
    const response = await ask(
      neighbour,
      "owner",
      { method: "POST", path: "/api/v1/query" },
      { body: JSON.stringify(body) },
    );
    return [response.status, (await response.text()).replaceAll(segment, "…")];
  };
  expect(await told(ids["segment"]!)).toEqual(await told("g_000000000000"));
  expect(await told(ids["segment"]!)).toEqual([400, expect.stringContaining("unknown_segment")]);
});

/** What somebody would like to have set. */
const PRIVILEGED: Record<string, unknown> = {
  id: "chosen",
  role: "owner",
  kind: "operator",
  operator: true,
  owner: "me",
  person: "me",
  access: { kind: "operator" },
  emailVerified: true,
  email_verified: true,
  twoFactorEnabled: false,
  two_factor_enabled: false,
  callbackURL: "https://evil.example",
  redirectTo: "https://evil.example",
  rememberMe: false,
  trustDevice: true,
  revokeOtherSessions: false,
  deleted_at: null,
  created_at: "2000-01-01T00:00:00Z",
  invited_by: "me",
  accepted_at: "2000-01-01T00:00:00Z",
  token_hash: "x",
  hash: "x",
  password_hash: "x",
  generation: 99,
  "role ": "owner",
  Role: "owner",
};

/** By its name, or as something beside what is taken. */
const KEY_REFUSED = /"unknown_key"|nothing beside it/;

test.each(rowed.map((route) => [nameOf(route), route] as const))(
  "takes no key that is not its own: %s",
  async (name, route) => {
    if (LENIENT.includes(name)) return;
    const world = await makeWorld();
    const path = filled(route, (each) => idIn(world, route, each));
    const right = BODIES[name]!(world);
    for (const [key, value] of Object.entries(PRIVILEGED)) {
      if (key in right) continue;
      const response = await ask(
        world,
        askerOf(route),
        { ...route, path },
        { body: JSON.stringify({ ...right, [key]: value }) },
      );
      const text = await expectSound(response, `${name}: ${key}`);
      // Of a name that nothing has, that is said first.
      const isMissing = response.status === 404 && path.includes("/none");
      if (!isMissing)
        expect([name, key, response.status, text]).toEqual([name, key, 400, expect.stringMatching(KEY_REFUSED)]);
    }
  },
);

test("where other keys are not looked at, they set nothing", async () => {
  const world = await makeWorld();
  for (const name of ["POST /api/v1/session", "POST /api/ops/replays", "POST /api/ops/rebuilds"]) {
    const route = ROUTES.find((each) => nameOf(each) === name)!;
    const body = JSON.stringify({
      ...PRIVILEGED,
      ...BODIES[name]!(world),
      ...(name.endsWith("session") ? { token: "x" } : {}),
    });
    const response = await ask(world, name.includes("ops") ? "operator" : "nobody", route, { body });
    const text = await expectSound(response, name);
    expect([name, response.headers.has("set-cookie")]).toEqual([name, false]);
    for (const value of ["chosen", '"me"', "evil.example", "2000-01-01", '"generation":99'])
      expect([name, text]).toEqual([name, expect.not.stringContaining(value)]);
  }
});
