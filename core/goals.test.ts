import { expect, test } from "vitest";
import { readGoal, type WireGoal, wireGoal } from "./goals.ts";

test.each<[sent: object, shown: WireGoal]>([
  [
    { goal_type: "event", event_name: " signup " },
    { display_name: "signup", goal_type: "event", event_name: "signup" },
  ],
  [
    { goal_type: "page", page_path: "/thanks*", value: 12.5 },
    { display_name: "Visit /thanks*", goal_type: "page", page_path: "/thanks*", value: 12.5 },
  ],
  [
    { goal_type: "page", page_path: "*", display_name: "Anything", value: null },
    { display_name: "Anything", goal_type: "page", page_path: "*" },
  ],
])("a goal and how it is shown (%#)", (sent, shown) => {
  const goal = readGoal(sent, "#");
  expect(goal.ok && wireGoal(goal.value)).toEqual(shown);
  expect(goal.ok && readGoal(shown, "#")).toEqual(goal);
});

test.each([
  ["#", []],
  ["#/colour", { colour: "red" }],
  ["#/goal_type", {}],
  ["#/goal_type", { goal_type: "revenue" }],
  ["#/event_name", { goal_type: "event" }],
  ["#/event_name", { goal_type: "event", event_name: "x".repeat(121) }],
  ["#/page_path", { goal_type: "event", event_name: "a", page_path: "/a" }],
  ["#/page_path", { goal_type: "page", page_path: "thanks" }],
  ["#/event_name", { goal_type: "page", page_path: "/", event_name: "a" }],
  ["#/display_name", { goal_type: "page", page_path: "/", display_name: "\0" }],
  ["#/value", { goal_type: "page", page_path: "/", value: -1 }],
  ["#/value", { goal_type: "page", page_path: "/", value: "1" }],
])("refused at %s (%#)", (pointer, sent) => {
  expect(readGoal(sent, "#")).toMatchObject({ ok: false, failure: { pointer, reason: "invalid" } });
});
