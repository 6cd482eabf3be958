import { expect, test } from "vitest";
import { makeSharing } from "./sharing-fixture.ts";

interface Annotation {
  id: string;
  date: string;
  hour: number | null;
  text: string;
  who: string | null;
}

test("notes are of a day or an hour, are listed by time, and say who wrote them; the last one stands", async () => {
  const world = await makeSharing();
  const note = async (body: object) => (await world.ask<Annotation>("analyst", "POST", "annotations", body)).is;
  const sale = await note({ date: "2026-01-05", hour: 14, text: " Sale begins " });
  const closed = await note({ date: "2026-01-05", text: "Closed" });
  await note({ date: "2026-02-01", text: "Moved" });
  expect(sale).toEqual({ id: sale.id, date: "2026-01-05", hour: 14, text: "Sale begins", who: "analyst" });
  const listed = async (range: string) =>
    (await world.ask<{ annotations: Annotation[] }>("viewer", "GET", `annotations${range}`)).is.annotations;
  expect(await listed("?from=2026-01-01&to=2026-01-31")).toEqual([closed, sale]);
  expect((await listed("")).map(({ text }) => text)).toEqual(["Closed", "Sale begins", "Moved"]);
  const changed = { ...sale, hour: null, text: "Sale", who: "owner" };
  const path = `annotations/${sale.id}`;
  expect((await world.ask("owner", "PATCH", path, { hour: null, text: "Sale" })).is).toEqual(changed);
  expect((await world.ask("owner", "PATCH", path, {})).is).toEqual(changed);
  expect((await world.ask("analyst", "DELETE", path)).status).toBe(204);
  expect(await listed("?to=2026-01-31")).toEqual([closed]);
});

test("what is no moment or no text is refused", async () => {
  const world = await makeSharing();
  const refused = async (body: object) =>
    (await world.ask<{ error: { pointer: string } }>("analyst", "POST", "annotations", body)).is.error.pointer;
  expect(await refused({ date: "2026-02-30", text: "a" })).toBe("#/date");
  expect(await refused({ date: "2026-02-03", hour: 24, text: "a" })).toBe("#/hour");
  expect(await refused({ date: "2026-02-03", text: " " })).toBe("#/text");
  expect(await refused({ date: "2026-02-03", text: "a", who: "me" })).toBe("#/who");
  expect((await world.ask("viewer", "GET", "annotations?from=yesterday")).is).toMatchObject({
    error: { pointer: "#/from" },
  });
});

test("a merchant's notes are no other merchant's; through a link they are read, without who wrote them", async () => {
  const [world, elsewhere] = await Promise.all([makeSharing(), makeSharing()]);
  const { id } = (await world.ask<Annotation>("analyst", "POST", "annotations", { date: "2026-01-05", text: "Sale" }))
    .is;
  for (const method of ["PATCH", "DELETE"])
    expect((await elsewhere.ask("owner", method, `annotations/${id}`, { text: "Mine" })).status).toBe(404);
  expect((await elsewhere.ask("owner", "GET", "annotations")).is).toEqual({ annotations: [] });
  expect((await world.ask("link", "GET", "annotations")).is).toMatchObject({ annotations: [{ id, who: null }] });
  expect((await world.ask("link", "DELETE", `annotations/${id}`)).status).toBe(403);
});
