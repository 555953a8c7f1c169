import { expect, test } from "vitest";

import { message } from "./testing";
import { branchOf, forestOf, headAt, lastOf, newestBelow, placeOf, turnsOf, withMessages } from "./tree";

//  q1 ─ a1 ─ q2 ─ a2
//     └ b1 ─ c1 (goes on) ─ q3
//  p1
const CHAT = [
  message("q1", null),
  message("a1", "q1", {}),
  message("q2", "a1"),
  message("a2", "q2", {}),
  message("b1", "q1", { state: "stopped" }),
  message("c1", "b1", { continues: true }),
  message("q3", "c1"),
  message("p1", null),
];
const forest = forestOf(CHAT);
const ids = (head: string | null) => branchOf(forest, head).map((one) => one.id);

test("a branch leads from the first message to its head", () => {
  expect(ids("a2")).toEqual(["q1", "a1", "q2", "a2"]);
  expect(ids("b1")).toEqual(["q1", "b1"]);
  expect(ids(null)).toEqual(["p1"]);
  expect(ids("gone")).toEqual(["p1"]);
  expect(branchOf(forestOf([]), null)).toEqual([]);
});

test("a message whose parent is not there begins a branch", () => {
  const torn = forestOf([message("x", "gone")]);
  expect(branchOf(torn, "x").map((one) => one.id)).toEqual(["x"]);
});

test("alternatives are what follows the same message", () => {
  const of = (id: string) => placeOf(forest, CHAT.find((one) => one.id === id) ?? message(id, null));
  expect(of("b1")).toEqual({ index: 1, ids: ["a1", "b1"] });
  expect(of("p1")).toEqual({ index: 1, ids: ["q1", "p1"] });
  expect(headAt(forest, of("b1"), -1)).toBe("a2");
  expect(headAt(forest, of("a1"), 1)).toBe("q3");
  expect(headAt(forest, of("a1"), -1)).toBeNull();
  expect(newestBelow(forest, "q3")).toBe("q3");
});

test("an answer and what continues it are read as one", () => {
  const turns = turnsOf(branchOf(forest, "q3"));
  expect(turns.map((turn) => turn.parts.map((part) => part.id))).toEqual([["q1"], ["b1", "c1"], ["q3"]]);
  expect(turns.map((turn) => lastOf(turn).id)).toEqual(["q1", "c1", "q3"]);
});

test("messages are replaced in their place, new ones come last", () => {
  const changed = { ...message("a1", "q1", {}), content: "new" };
  const after = withMessages(CHAT, changed, message("z", "a2"));
  expect(after.map((one) => one.id)).toEqual([...CHAT.map((one) => one.id), "z"]);
  expect(after[1]).toBe(changed);
  expect(after[0]).toBe(CHAT[0]);
});
