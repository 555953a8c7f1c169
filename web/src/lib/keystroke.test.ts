import { expect, test } from "vitest";

import { namesOf, type Stroke } from "./keystroke";

const stroke = (change: Partial<Stroke>): Stroke => ({
  key: "k", code: "KeyK", keyCode: 75, shiftKey: false, ctrlKey: true, metaKey: false, altKey: false, isComposing: false, ...change,
});

test("a stroke is named by its key", () => {
  expect(namesOf(stroke({}))).toEqual(["k"]);
  expect(namesOf(stroke({ ctrlKey: false, metaKey: true }))).toEqual(["k"]);
  expect(namesOf(stroke({ key: "O", code: "KeyO", shiftKey: true }))).toEqual(["shift+o"]);
});

test("a key that says something else with Shift or in another script is known by its place", () => {
  expect(namesOf(stroke({ key: ":", code: "Semicolon", shiftKey: true }))).toContain("shift+;");
  expect(namesOf(stroke({ key: "л" }))).toContain("k");
  // A Latin letter says what it is, wherever it stands.
  expect(namesOf(stroke({ key: "a", code: "KeyQ" }))).toEqual(["a"]);
});

test("nothing is named without Ctrl, with Alt, and while an input method composes", () => {
  for (const change of [{ ctrlKey: false }, { altKey: true }, { isComposing: true }, { keyCode: 229 }]) expect(namesOf(stroke(change))).toEqual([]);
});
