// Every route × everybody who may ask: let in, or refused and how. The routes are the router's own, so one without a row here
// fails. A row says who is let in, what is sent, and what whoever is let in gets, which shows that they were let in.

import { inspectRoutes } from "hono/dev";
import { expect, test } from "vitest";
import { ASKERS, type Asker, makeWorld, TOKENS, type World } from "./access-fixture.ts";
import { isAtLeast, type Role, ROLES } from "../core/role.ts";
import type { Action } from "./access.ts";
import { api } from "./api.ts";
import { bindings, freshEmail, HOME } from "./auth-fixture.ts";

/** The status with which an asker is refused, or null when they are let in. */
type Rule = (asker: Asker) => number | null;

const isRole = (asker: Asker): asker is Role => (ROLES as readonly string[]).includes(asker);
const isOver = (asker: Asker): boolean =>
  ["nobody", "expired", "revoked", "forged"].includes(asker) || /^(withdrawn|expired|revoked|forged) /.test(asker);
const isLink = (asker: Asker): boolean => asker === "link" || asker === "link elsewhere";
const isToken = (asker: Asker): boolean => (TOKENS as readonly string[]).includes(asker) && !isOver(asker);
const isElsewhere = (asker: Asker): boolean => asker === "stranger" || asker.endsWith("elsewhere");
/** It opens nothing of the API, whatever there is. */
const isDumb = (asker: Asker): boolean => isLink(asker) || asker === "ingest token";

const anybody: Rule = () => null;
/** Whoever is somebody. */
const somebody: Rule = (asker) => (isOver(asker) ? 401 : isDumb(asker) ? 403 : null);
/** And whoever looks through a shared link. */
const looker: Rule = (asker) => (isOver(asker) ? 401 : asker === "ingest token" ? 403 : null);
const operator: Rule = (asker) => (isOver(asker) ? 401 : asker === "operator" ? null : 403);
/** What concerns the objects and files of one merchant: ops tokens reach those of their merchants. */
const operations: Rule = (asker) =>
  asker === "ops token" ? null : asker === "ops token elsewhere" ? 404 : operator(asker);
/** Whoever is signed in with an account, the operator not. */
const person: Rule = (asker) =>
  isOver(asker) ? 401 : asker === "operator" || isLink(asker) || isToken(asker) ? 403 : null;
/** The same of better-auth, which knows nothing of the operator and tokens. */
const session: Rule = (asker) =>
  isOver(asker) || isLink(asker) || isToken(asker) || asker === "operator" ? 401 : null;
/** Where there is nothing to be seen for strangers; a member with too small a role knows that it is there. */
const NEEDED: Record<Exclude<Action, "operate">, Role> = {
  report: "viewer",
  read: "viewer",
  annotate: "analyst",
  configure: "admin",
  own: "owner",
};
const may =
  (action: keyof typeof NEEDED): Rule =>
  (asker) =>
    isOver(asker)
      ? 401
      : asker === "operator"
        ? null
        : isLink(asker)
          ? ofLink(asker, action)
          : isToken(asker)
            ? ofToken(asker, action)
            : !isRole(asker)
              ? 404
              : isAtLeast(asker, NEEDED[action])
                ? null
                : 403;
/** It shows one merchant's numbers; of everything else it hears that it is not for it, whatever there is. */
const ofLink = (asker: Asker, action: Action): number | null =>
  action !== "report" ? 403 : asker === "link" ? null : 404;
/** It reads what there is of its merchants, and changes nothing. */
const ofToken = (asker: Asker, action: Action): number | null =>
  asker === "ingest token" ? 403 : isElsewhere(asker) ? 404 : action === "read" || action === "report" ? null : 403;
/** What concerns people, and what opens merchants, is closed to tokens altogether. */
const noTokens =
  (rule: Rule): Rule =>
  (asker) =>
    isToken(asker) ? 403 : rule(asker);
const members =
  (rule: Rule): Rule =>
  (asker) =>
    asker === "operator" ? 403 : rule(asker);

/** What is asked for is not there: whoever is let in hears that. */
const orMissing =
  (rule: Rule): Rule =>
  (asker) =>
    rule(asker) ?? 404;
/** Not even members with too small a role hear that it is there. */
const hidden =
  (rule: Rule): Rule =>
  (asker) =>
    rule(asker) === 403 && !isDumb(asker) ? 404 : rule(asker);

interface Row {
  rule: Rule;
  /** Of whoever is let in. */
  status: number;
  /** What stands for the parameters of the path, and after it. */
  path?: (world: World) => string;
  body?: (world: World) => unknown;
  headers?: Record<string, string>;
}

const row = (rule: Rule, status: number, more: Omit<Row, "rule" | "status"> = {}): Row => ({ rule, status, ...more });

const ofMerchant = (world: World, rest = ""): string => `/api/v1/merchants/${world.merchant}${rest}`;
const ofOrganisation = (world: World, rest = ""): string => `/api/v1/organisations/${world.organisation}${rest}`;
const opsMerchant = (rest: string) => (world: World) => `/api/ops/merchants/${world.merchant}${rest}`;
const queryOf = ({ merchant }: World) => ({ merchant, metrics: ["visitors"], date_range: "day" });
const ofRun =
  (rest = "") =>
  (world: World): string =>
    ofMerchant(world, `/rules/runs/999999${rest}`);
const ofJob =
  (rest = "") =>
  ({ merchant }: World): string =>
    `/api/v1/jobs/${merchant}-none${rest}`;
const PASSWORD = "correct horse battery";
const SHOP = { name: "Hats", zone: "Europe/Berlin", currency: "EUR" };

const TABLE: Record<string, Row> = {
  "GET /api/v1/schemas/collect": row(anybody, 200),
  "GET /api/v1/schemas/query": row(anybody, 200),
  "GET /api/openapi.json": row(anybody, 200),
  "GET /api/health": row(anybody, 200),

  "POST /api/v1/session": row(anybody, 400, { body: () => ({}) }),
  "GET /api/v1/session": row(somebody, 204),
  "DELETE /api/v1/session": row(anybody, 204),

  "POST /api/auth/sign-up/email": row(anybody, 400, { body: () => ({}) }),
  "POST /api/auth/sign-in/email": row(anybody, 400, { body: () => ({ email: freshEmail() }) }),
  "POST /api/auth/sign-out": row(anybody, 204, { body: () => ({}) }),
  "POST /api/auth/send-verification-email": row(anybody, 400, { body: () => ({}) }),
  "POST /api/auth/request-password-reset": row(anybody, 204, { body: () => ({ email: freshEmail() }) }),
  "POST /api/auth/reset-password": row(anybody, 400, { body: () => ({ token: "none", password: PASSWORD }) }),
  "POST /api/auth/change-email": row(session, 204, { body: () => ({ email: freshEmail() }) }),
  "POST /api/auth/change-password": row(session, 400, { body: () => ({ password: "wrong", new_password: PASSWORD }) }),
  "POST /api/auth/update-user": row(session, 204, { body: () => ({ name: "Ada" }) }),
  "POST /api/auth/two-factor/enable": row(session, 400, { body: () => ({ password: "wrong" }) }),
  "POST /api/auth/two-factor/disable": row(session, 400, { body: () => ({ password: "wrong" }) }),
  "POST /api/auth/two-factor/generate-backup-codes": row(session, 400, { body: () => ({ password: "wrong" }) }),
  "POST /api/auth/two-factor/verify-totp": row(session, 400, { body: () => ({ code: "000000" }) }),
  "POST /api/auth/two-factor/verify-backup-code": row(session, 400, { body: () => ({ code: "none" }) }),
  "GET /api/auth/verify-email": row(anybody, 302, { path: () => "/api/auth/verify-email?token=none" }),

  "GET /live": row(hidden(may("report")), 101, {
    path: ({ merchant }) => `/live?merchant=${merchant}`,
    headers: { upgrade: "websocket" },
  }),

  "GET /api/v1/me": row(somebody, 200),
  "GET /api/v1/me/sessions": row(person, 200),
  "DELETE /api/v1/me/sessions": row(person, 204),
  "DELETE /api/v1/me/sessions/:id": row(orMissing(person), 404, {
    path: () => "/api/v1/me/sessions/none",
  }),

  "GET /api/v1/merchants": row(somebody, 200),
  // An organisation of which one is no member.
  "POST /api/v1/merchants": row((asker) => (isToken(asker) && !isDumb(asker) ? 404 : may("configure")(asker)), 201, {
    body: ({ organisation }) => ({ ...SHOP, organisation }),
  }),
  "GET /api/v1/merchants/:id": row(may("read"), 200, { path: ofMerchant }),
  "PATCH /api/v1/merchants/:id": row(may("configure"), 200, { path: ofMerchant, body: () => ({ domains: [] }) }),
  "DELETE /api/v1/merchants/:id": row(may("own"), 204, { path: ofMerchant }),
  "POST /api/v1/merchants/:id/restore": row(may("own"), 204, { path: (world) => ofMerchant(world, "/restore") }),
  "POST /api/v1/merchants/:id/transfer": row(may("own"), 200, {
    path: (world) => ofMerchant(world, "/transfer"),
    body: ({ organisation }) => ({ organisation }),
  }),

  "GET /api/v1/merchants/:id/rules": row(may("read"), 200, { path: (world) => ofMerchant(world, "/rules") }),
  "PUT /api/v1/merchants/:id/rules": row(may("configure"), 400, {
    path: (world) => ofMerchant(world, "/rules"),
    body: () => ({ rules: 7 }),
  }),
  "GET /api/v1/merchants/:id/rules/versions/:version": row(orMissing(may("read")), 404, {
    path: (world) => ofMerchant(world, "/rules/versions/9"),
  }),
  "POST /api/v1/merchants/:id/rules/preview": row(may("configure"), 400, {
    path: (world) => ofMerchant(world, "/rules/preview"),
    body: () => ({ rules: 7 }),
  }),
  "GET /api/v1/merchants/:id/rules/runs/:run": row(orMissing(may("read")), 404, { path: ofRun() }),
  "GET /api/v1/merchants/:id/rules/runs/:run/diff": row(orMissing(may("read")), 404, { path: ofRun("/diff") }),
  "POST /api/v1/merchants/:id/rules/runs/:run/apply": row(orMissing(may("configure")), 404, { path: ofRun("/apply") }),
  "POST /api/v1/merchants/:id/rules/runs/:run/rollback": row(orMissing(may("configure")), 404, {
    path: ofRun("/rollback"),
  }),
  "POST /api/v1/merchants/:id/rules/runs/:run/cancel": row(orMissing(may("configure")), 404, {
    path: ofRun("/cancel"),
  }),
  "POST /api/v1/merchants/:id/rules/runs/:run/resume": row(orMissing(may("configure")), 404, {
    path: ofRun("/resume"),
  }),
  "GET /api/v1/merchants/:id/goals": row(may("report"), 200, { path: (world) => ofMerchant(world, "/goals") }),
  "POST /api/v1/merchants/:id/goals": row(may("configure"), 400, {
    path: (world) => ofMerchant(world, "/goals"),
    body: () => ({}),
  }),
  "PUT /api/v1/merchants/:id/goals/:name": row(may("configure"), 400, {
    path: (world) => ofMerchant(world, "/goals/none"),
    body: () => ({}),
  }),
  "DELETE /api/v1/merchants/:id/goals/:name": row(orMissing(may("configure")), 404, {
    path: (world) => ofMerchant(world, "/goals/none"),
  }),
  "GET /api/v1/merchants/:id/segments": row(may("read"), 200, { path: (world) => ofMerchant(world, "/segments") }),
  "POST /api/v1/merchants/:id/segments": row(may("annotate"), 201, {
    path: (world) => ofMerchant(world, "/segments"),
    body: () => ({ name: "Germany", filters: [["is", "country", ["DE"]]] }),
  }),
  "PATCH /api/v1/merchants/:id/segments/:segment": row(orMissing(may("annotate")), 404, {
    path: (world) => ofMerchant(world, "/segments/none"),
    body: () => ({ name: "Germany" }),
  }),
  "DELETE /api/v1/merchants/:id/segments/:segment": row(orMissing(may("annotate")), 404, {
    path: (world) => ofMerchant(world, "/segments/none"),
  }),
  "GET /api/v1/merchants/:id/annotations": row(may("report"), 200, {
    path: (world) => ofMerchant(world, "/annotations"),
  }),
  "POST /api/v1/merchants/:id/annotations": row(may("annotate"), 201, {
    path: (world) => ofMerchant(world, "/annotations"),
    body: () => ({ date: "2026-01-01", text: "Sale" }),
  }),
  "PATCH /api/v1/merchants/:id/annotations/:annotation": row(orMissing(may("annotate")), 404, {
    path: (world) => ofMerchant(world, "/annotations/none"),
    body: () => ({ text: "Sale" }),
  }),
  "DELETE /api/v1/merchants/:id/annotations/:annotation": row(orMissing(may("annotate")), 404, {
    path: (world) => ofMerchant(world, "/annotations/none"),
  }),
  "GET /api/v1/merchants/:id/links": row(may("configure"), 200, { path: (world) => ofMerchant(world, "/links") }),
  "POST /api/v1/merchants/:id/links": row(may("configure"), 201, {
    path: (world) => ofMerchant(world, "/links"),
    body: () => ({ name: "Board" }),
  }),
  "PATCH /api/v1/merchants/:id/links/:link": row(orMissing(may("configure")), 404, {
    path: (world) => ofMerchant(world, "/links/none"),
    body: () => ({ name: "Board" }),
  }),
  "DELETE /api/v1/merchants/:id/links/:link": row(orMissing(may("configure")), 404, {
    path: (world) => ofMerchant(world, "/links/none"),
  }),
  "POST /api/v1/links/:id/open": row(orMissing(anybody), 404, {
    path: () => "/api/v1/links/l_none/open",
    body: () => ({}),
  }),
  "GET /api/v1/merchants/:id/books": row(may("read"), 200, { path: (world) => ofMerchant(world, "/books") }),
  "POST /api/v1/merchants/:id/erasures": row(may("configure"), 400, {
    path: (world) => ofMerchant(world, "/erasures"),
    body: () => ({}),
  }),
  "GET /api/v1/merchants/:id/erasures": row(may("configure"), 200, { path: (world) => ofMerchant(world, "/erasures") }),
  "GET /api/v1/merchants/:id/erasures/:run": row(orMissing(may("configure")), 404, {
    path: (world) => ofMerchant(world, "/erasures/999999"),
  }),
  "GET /api/v1/merchants/:id/files": row(hidden(may("configure")), 200, {
    path: (world) => ofMerchant(world, "/files?kind=raw&from=2026-01-01&to=2026-01-31"),
  }),
  // Its address is the key: whoever has it may read the file until it is over.
  "GET /api/v1/files/:key{.+}": row(orMissing(anybody), 404, {
    path: ({ merchant }) => `/api/v1/files/raw/merchant=${merchant}/date=2026-01-01/0.parquet?expires=1&signature=none`,
  }),

  "GET /api/v1/organisations": row(noTokens(somebody), 200),
  "POST /api/v1/organisations": row(noTokens(somebody), 201, { body: () => ({ name: "Mine" }) }),
  "GET /api/v1/organisations/:id": row(noTokens(may("read")), 200, { path: ofOrganisation }),
  "PATCH /api/v1/organisations/:id": row(noTokens(may("configure")), 200, {
    path: ofOrganisation,
    body: () => ({ name: "New" }),
  }),
  "DELETE /api/v1/organisations/:id": row(noTokens(may("own")), 409, { path: ofOrganisation }),
  "POST /api/v1/organisations/:id/transfer": row(noTokens(may("own")), 204, {
    path: (world) => ofOrganisation(world, "/transfer"),
    body: ({ member }) => ({ person: member }),
  }),
  "POST /api/v1/organisations/:id/leave": row(
    // The only owner may not.
    noTokens((asker) => members(may("read"))(asker) ?? (asker === "owner" ? 409 : null)),
    204,
    { path: (world) => ofOrganisation(world, "/leave") },
  ),

  "GET /api/v1/members": row(noTokens(may("read")), 200, {
    path: ({ organisation }) => `/api/v1/members?organisation=${organisation}`,
  }),
  "PATCH /api/v1/members/:organisation/:person": row(noTokens(may("configure")), 200, {
    path: ({ organisation, member }) => `/api/v1/members/${organisation}/${member}`,
    body: () => ({ role: "analyst" }),
  }),
  "DELETE /api/v1/members/:organisation/:person": row(noTokens(may("configure")), 204, {
    path: ({ organisation, member }) => `/api/v1/members/${organisation}/${member}`,
  }),

  "GET /api/v1/invitations": row(noTokens(may("configure")), 200, {
    path: ({ organisation }) => `/api/v1/invitations?organisation=${organisation}`,
  }),
  "POST /api/v1/invitations": row(noTokens(may("configure")), 201, {
    body: ({ organisation }) => ({ organisation, email: freshEmail(), role: "viewer" }),
  }),
  "POST /api/v1/invitations/accept": row(noTokens(orMissing(person)), 404, { body: () => ({ token: "none" }) }),
  "DELETE /api/v1/invitations/:id": row(noTokens(may("configure")), 204, {
    path: ({ invitation }) => `/api/v1/invitations/${invitation}`,
  }),

  "GET /api/v1/tokens": row(noTokens(may("configure")), 200, {
    path: ({ merchant }) => `/api/v1/tokens?merchant=${merchant}`,
  }),
  "POST /api/v1/tokens": row(noTokens(may("configure")), 201, {
    body: ({ organisation }) => ({ organisation, name: "a till", scope: "ingest" }),
  }),
  "POST /api/v1/tokens/:id/rotate": row(noTokens(may("configure")), 201, {
    path: ({ token }) => `/api/v1/tokens/${token}/rotate`,
    body: () => ({}),
  }),
  "DELETE /api/v1/tokens/:id": row(noTokens(may("configure")), 204, {
    path: ({ token }) => `/api/v1/tokens/${token}`,
  }),
  "GET /api/v1/audit": row(noTokens(may("configure")), 200, {
    path: ({ organisation }) => `/api/v1/audit?organisation=${organisation}`,
  }),

  "POST /api/v1/query": row(may("report"), 200, { body: queryOf }),
  "GET /api/v1/query": row(may("report"), 200, {
    path: ({ merchant }) => `/api/v1/query?merchant=${merchant}&metrics=visitors&date_range=day`,
  }),
  "POST /api/v1/funnel": row(may("report"), 200, {
    body: ({ merchant }) => ({ merchant, date_range: "day", preset: "shop" }),
  }),
  "POST /api/v1/properties": row(may("report"), 200, { body: ({ merchant }) => ({ merchant, date_range: "day" }) }),
  "POST /api/v1/jobs": row(may("read"), 202, { body: (world) => ({ query: queryOf(world) }) }),
  "GET /api/v1/jobs/:id": row(orMissing(may("read")), 404, { path: ofJob() }),
  "GET /api/v1/jobs/:id/result": row(orMissing(may("read")), 404, { path: ofJob("/result") }),
  "DELETE /api/v1/jobs/:id": row(orMissing(may("read")), 404, { path: ofJob() }),
  "GET /api/v1/metrics": row(looker, 200),
  "GET /api/graphql": row(somebody, 200, {
    path: () => `/api/graphql?query=${encodeURIComponent("{ merchants { id name } }")}`,
  }),
  "POST /api/graphql": row(somebody, 200, { body: () => ({ query: "{ merchants { id name } }" }) }),

  "GET /api/ops/dead-letters": row(operator, 200),
  "GET /api/ops/dead-letters/:id": row(orMissing(operator), 404, {
    path: () => "/api/ops/dead-letters/none",
  }),
  "POST /api/ops/dead-letters/:id/retry": row(orMissing(operator), 404, {
    path: () => "/api/ops/dead-letters/none/retry",
  }),
  "DELETE /api/ops/dead-letters/:id": row(orMissing(operator), 404, {
    path: () => "/api/ops/dead-letters/none",
  }),
  "GET /api/ops/merchants/:id/status": row(operations, 200, { path: opsMerchant("/status") }),
  "POST /api/ops/merchants/:id/flush": row(operations, 200, { path: opsMerchant("/flush") }),
  "POST /api/ops/merchants/:id/seal": row(operations, 200, { path: opsMerchant("/seal") }),
  "GET /api/ops/merchants/:id/books": row(operations, 200, { path: opsMerchant("/books?date=2026-01-01") }),
  "GET /api/ops/merchants/:id/raw": row(operations, 200, { path: opsMerchant("/raw") }),
  "GET /api/ops/merchants/:id/raw/file": row(orMissing(operations), 404, {
    path: opsMerchant("/raw/file?key=none"),
  }),
  "GET /api/ops/status": row(operator, 200),
  "POST /api/ops/audits": row(operator, 400, { body: () => ({}) }),
  "GET /api/ops/audits/:id": row(orMissing(operator), 404, { path: () => "/api/ops/audits/999999" }),
  "POST /api/ops/rebuilds": row(operator, 400, { body: () => ({}) }),
  "POST /api/ops/replays": row(operator, 400, { body: () => ({}) }),
  "GET /api/ops/replays": row(operator, 200),
  "GET /api/ops/replays/:id": row(orMissing(operator), 404, { path: () => "/api/ops/replays/999999" }),
  "GET /api/ops/replays/:id/diff": row(orMissing(operator), 404, {
    path: () => "/api/ops/replays/999999/diff",
  }),
  "POST /api/ops/replays/:id/resume": row(orMissing(operator), 404, {
    path: () => "/api/ops/replays/999999/resume",
  }),
  "POST /api/ops/replays/:id/apply": row(orMissing(operator), 404, {
    path: () => "/api/ops/replays/999999/apply",
    body: () => ({}),
  }),
  "POST /api/ops/replays/:id/rollback": row(orMissing(operator), 404, {
    path: () => "/api/ops/replays/999999/rollback",
    body: () => ({}),
  }),
  "POST /api/ops/replays/:id/cancel": row(orMissing(operator), 404, {
    path: () => "/api/ops/replays/999999/cancel",
  }),
};

const routes = [
  ...new Set(
    inspectRoutes(api)
      .filter(({ isMiddleware }) => !isMiddleware)
      .map(({ method, path }) => `${method} ${path.replace(/(.)\/$/, "$1")}`),
  ),
];

async function send(
  route: string,
  world: World,
  asker: Asker,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { path, body, headers: own } = TABLE[route]!;
  const [method = "", template = ""] = route.split(" ");
  return api.request(
    HOME + (path?.(world) ?? template),
    {
      method,
      headers: {
        origin: HOME,
        "content-type": "application/json",
        "cf-connecting-ip": `2001:db8:${crypto.randomUUID().slice(0, 4)}:${crypto.randomUUID().slice(0, 4)}::1`,
        ...own,
        ...(await world.headersOf(asker)),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body(world)) }),
    },
    bindings,
  );
}

test("every route has a row, and every row is of a route", () => {
  expect(Object.keys(TABLE).toSorted()).toEqual(routes.toSorted());
});

test.each(Object.keys(TABLE))("%s", async (route) => {
  const { rule, status } = TABLE[route]!;
  const refusing = makeWorld();
  const seen = await Promise.all(
    ASKERS.map(async (asker) => {
      // Whoever is refused changes nothing, so they ask of the same world.
      const world = await (rule(asker) === null ? makeWorld() : refusing);
      const response = await send(route, world, asker);
      if (response.webSocket !== null) response.webSocket.accept();
      const text = response.status === 101 ? "" : await response.text();
      // Whoever has nothing to do with the organisation sees nothing of it, whatever the status.
      if (isElsewhere(asker) || isOver(asker)) expect(text).not.toContain(world.secret);
      return [asker, response.status];
    }),
  );
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(ASKERS.map((asker) => [asker, rule(asker) ?? status])));
});

/** Routes that a session opens and that do something: a page elsewhere must not be able to make a browser use them. */
const changing = Object.keys(TABLE).filter((route) => !route.startsWith("GET ") && route !== "DELETE /api/v1/session");

test.each([...changing, "GET /live"])("from another site's page: %s", async (route) => {
  const world = await makeWorld();
  for (const origin of ["https://evil.example", "null", `${HOME}.evil.example`]) {
    expect((await send(route, world, "owner", { origin })).status).toBe(403);
  }
});
