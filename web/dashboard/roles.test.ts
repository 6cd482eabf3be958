import { expect, test } from "vitest";
import { givable, isAtLeast, mayChange, roleLabel } from "./roles.ts";

const ids = (roles: readonly { id: string }[]) => roles.map(({ id }) => id);

test("nobody gives more than they have; the operator gives everything", () => {
  expect(ids(givable("admin"))).toEqual(["viewer", "analyst", "admin"]);
  expect(ids(givable("viewer"))).toEqual(["viewer"]);
  expect(ids(givable(null))).toEqual(["viewer", "analyst", "admin", "owner"]);
  expect([isAtLeast("analyst", "admin"), isAtLeast("admin", "admin"), isAtLeast(null, "owner")]).toEqual([
    false,
    true,
    true,
  ]);
  expect([roleLabel("analyst"), roleLabel(null)]).toEqual(["Analyst", "Operator"]);
});

test("who may be changed: not oneself, not whoever is more, not the only owner", () => {
  const ada = { person: "ada", role: "owner" } as const;
  const bob = { person: "bob", role: "admin" } as const;
  const eve = { person: "eve", role: "viewer" } as const;
  const all = [ada, bob, eve];
  const changeable = (own: "owner" | "admin" | "analyst" | null, person: string | null, members = [...all]) =>
    members.filter((member) => mayChange(member, { own, person }, members)).map((member) => member.person);
  expect(changeable("owner", "ada")).toEqual(["bob", "eve"]);
  expect(changeable("admin", "bob")).toEqual(["eve"]);
  expect(changeable("analyst", "max")).toEqual([]);
  expect(changeable(null, null)).toEqual(["bob", "eve"]);
  const second = { person: "eva", role: "owner" } as const;
  expect(changeable("owner", "ada", [...all, second] as never)).toEqual(["bob", "eve", "eva"]);
});
