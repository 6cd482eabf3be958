// A small world for tests of access: an organisation with a merchant and somebody in each role, a stranger who owns another
// organisation, sessions that are over, shared links, and tokens. Made by SQL, so that a world costs two round trips.

import { freshToken, SCOPES } from "../core/token.ts";
import { database } from "../migrations/database.ts";
import { type Role, ROLES } from "../core/role.ts";
import { bindings } from "./auth-fixture.ts";
import { forget } from "./auth-session.ts";
import { hashOfToken, publishToken, type Token } from "./known-tokens.ts";
import { linkToken } from "./link-token.ts";

const SESSIONS = ["operator", ...ROLES, "stranger", "nobody", "expired", "revoked", "forged"] as const;
/** Whoever has opened a shared link: of the merchant, of the stranger's; the others open nothing any more. */
const LINKS = ["link", "link elsewhere", "withdrawn link", "expired link", "forged link"] as const;

/** Programs: of the merchant, of its whole organisation, of the stranger's; the others open nothing any more. */
export const TOKENS = [
  "read token",
  "read token of all",
  "ops token",
  "ingest token",
  "read token elsewhere",
  "ops token elsewhere",
  "expired token",
  "revoked token",
  "forged token",
] as const;

/** Who asks. Some are nobody, whatever they once were: two of them are owners whose session is over. */
export const ASKERS = [...SESSIONS, ...LINKS, ...TOKENS] as const;
export type Asker = (typeof ASKERS)[number];

export interface World {
  organisation: string;
  merchant: string;
  /** Of the stranger. */
  elsewhere: string;
  /** Of somebody who is a member and asks nothing. */
  member: string;
  invitation: string;
  /** The id of the merchant's token for reading. */
  token: string;
  /** In the names of organisation, merchant, member, invited and tokens: must not be seen by who may not. */
  secret: string;
  /** Of each asker: who they are in `people`. */
  people: Record<Role | "stranger", string>;
  headersOf(asker: Asker): Promise<Record<string, string>>;
}

const random = (): string => crypto.randomUUID().replaceAll("-", "").slice(0, 12);

export async function makeWorld(): Promise<World> {
  // Lists show a thousand merchants: these worlds come after what other tests look for there.
  const secret = `zz${random()}`;
  const organisation = `o_${random()}`;
  const elsewhere = `o_${random()}`;
  const merchant = `m_${random()}`;
  const invitation = `i_${random()}`;
  const who = [...ROLES, "stranger", "member"] as const;
  const people = Object.fromEntries(who.map((name) => [name, `${name}-${random()}`])) as Record<
    (typeof who)[number],
    string
  >;
  const tokens = Object.fromEntries(who.map((name) => [name, random()])) as Record<(typeof who)[number], string>;
  const expired = random();
  const ofStranger = `m_${random()}`;
  const secretNames = who.map((name) => (name === "member" ? secret : name));
  await database(bindings).transaction((sql) => [
    sql`INSERT INTO organisations (id, name) VALUES (${organisation}, ${secret}), (${elsewhere}, 'elsewhere')`,
    sql`INSERT INTO merchants (id, name, zone, currency, domains, organisation)
      VALUES (${merchant}, ${secret}, 'Europe/Berlin', 'EUR', '{}', ${organisation}),
        (${ofStranger}, 'zz elsewhere', 'Europe/Berlin', 'EUR', '{}', ${elsewhere})`,
    sql`INSERT INTO people (id, name, email, email_verified)
      SELECT id, name, id || '@example.com', true FROM unnest(${Object.values(people)}::text[], ${secretNames}::text[]) AS t (id, name)`,
    sql`INSERT INTO members (organisation, person, role) SELECT ${organisation}, id, role
      FROM unnest(${[...ROLES.map((role) => people[role]), people.member]}::text[], ${[...ROLES, "viewer"]}::text[]) AS t (id, role)`,
    sql`INSERT INTO members (organisation, person, role) VALUES (${elsewhere}, ${people.stranger}, 'owner')`,
    sql`INSERT INTO sessions (id, token, person, expires_at) SELECT 's_' || token, token, person, now() + interval '1 day'
      FROM unnest(${Object.values(tokens)}::text[], ${Object.values(people)}::text[]) AS t (token, person)`,
    sql`INSERT INTO sessions (id, token, person, expires_at)
      VALUES (${`s_${expired}`}, ${expired}, ${people.owner}, now() - interval '1 second')`,
    sql`INSERT INTO invitations (id, organisation, email, role, token_hash, expires_at)
      VALUES (${invitation}, ${organisation}, ${`${secret}@example.com`}, 'viewer', ${secret}, now() + interval '1 day')`,
  ]);
  const bearers = await makeBearers({ organisation, merchant, elsewhere, ofStranger, secret });
  forget();
  const cookieOf = async (token: string, secretKey = bindings.AUTH_SECRET): Promise<Record<string, string>> => ({
    cookie: `__Secure-countinghouse.session_token=${encodeURIComponent(`${token}.${await signatureOf(token, secretKey)}`)}`,
  });
  return {
    organisation,
    merchant,
    elsewhere,
    member: people.member,
    invitation,
    token: bearers.readToken,
    secret,
    people,
    async headersOf(asker) {
      if (asker === "nobody") return {};
      const bearer = await bearers.of(asker);
      // With a cookie of a session that is over: what is shown as a token is what counts.
      if (bearer !== null) return { ...(await cookieOf(random())), authorization: `Bearer ${bearer}` };
      if (asker === "operator") return { authorization: `Bearer ${bindings.OPERATOR_TOKEN}` };
      if (asker === "expired") return cookieOf(expired);
      if (asker === "revoked") return cookieOf(random());
      if (asker === "forged") return cookieOf(tokens.owner, "another secret that is long enough to be one");
      return cookieOf(tokens[asker as Role | "stranger"]);
    },
  };
}

interface Whose extends Pick<World, "organisation" | "merchant" | "elsewhere" | "secret"> {
  /** The stranger's merchant. */
  ofStranger: string;
}

/** Links and tokens. `of`: what an asker shows; null when that is none of these. */
async function makeBearers({ organisation, merchant, elsewhere, ofStranger, secret }: Whose) {
  const links = LINKS.map((name) => ({
    name,
    id: `l_${random()}`,
    merchant: name === "link elsewhere" ? ofStranger : merchant,
  }));
  const programs = await Promise.all(
    TOKENS.map(async (name) => {
      const scope = SCOPES.find((one) => name.startsWith(one)) ?? "read";
      const text = freshToken(scope, (count) => crypto.getRandomValues(new Uint8Array(count)));
      const [of, one] = name.endsWith("elsewhere") ? [elsewhere, ofStranger] : [organisation, merchant];
      const whose = { organisation: of, merchant: name === "read token of all" ? null : one };
      return { name, id: `t_${random()}`, scope, text, hash: await hashOfToken(text), ...whose };
    }),
  );
  await database(bindings).transaction((sql) => [
    sql`INSERT INTO links (id, merchant, name, who, revoked_at, expires_at)
      SELECT id, merchant, ${secret}, 'ada', CASE WHEN name = 'withdrawn link' THEN now() END,
        CASE WHEN name = 'expired link' THEN now() END
      FROM json_to_recordset(${JSON.stringify(links)}::json) AS t (id text, name text, merchant text)`,
    sql`INSERT INTO tokens (id, hash, beginning, name, scope, organisation, merchant, created_by, revoked_at, expires_at)
      SELECT id, hash, '', CASE WHEN organisation = ${organisation} THEN ${secret} ELSE 'elsewhere' END, scope, organisation, merchant, 'ada', CASE WHEN name = 'revoked token' THEN now() END,
        CASE WHEN name = 'expired token' THEN now() END
      FROM json_to_recordset(${JSON.stringify(programs.filter(({ name }) => name !== "forged token"))}::json)
        AS t (id text, hash text, name text, scope text, organisation text, merchant text)`,
  ]);
  return {
    /** Its id. */
    readToken: programs.find(({ name }) => name === "read token")!.id,
    async of(asker: Asker): Promise<string | null> {
      const link = links.find(({ name }) => name === asker);
      if (link !== undefined) return linkTokenOf(link, asker === "forged link");
      const program = programs.find(({ name }) => name === asker);
      if (program === undefined) return null;
      // As when it was made. Otherwise Postgres would be asked for each, and how often it is asked for tokens has a bound.
      if (asker !== "forged token") await publishToken(bindings, program.hash, knownOf(program));
      return program.text;
    },
  };
}

/** What KV holds of it. */
function knownOf({ name, id, scope, organisation, merchant }: Omit<Token, "expiresAtMs">): Token | null {
  if (name === "revoked token") return null;
  return { id, name, scope, organisation, merchant, expiresAtMs: name === "expired token" ? Date.now() : null };
}

/** What opening it gave, when it was good. */
async function linkTokenOf({ id, merchant }: { id: string; merchant: string }, forged: boolean): Promise<string> {
  const link = { id, merchant, password_hash: null, public: false, origins: [], owner: "", expiresAtMs: null };
  const { token } = await linkToken(bindings, { ...link, revoked: false }, Date.now());
  return forged ? token.replace(/\.(\d+)\./, (_, expires) => `.${Number(expires) + 1}.`) : token;
}

async function signatureOf(value: string, secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign(algorithm, key, encoder.encode(value)));
  return btoa(String.fromCharCode(...bytes));
}
