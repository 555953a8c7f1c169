import { beforeEach, expect, test, vi } from "vitest";

import { addUnsaved, saved, unsaved } from "./unsaved";

const kept = new Map<string, string>();

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});

test("what was chosen waits until it was saved", () => {
  addUnsaved({ theme: "dark" });
  addUnsaved({ language: "zh" });
  expect(unsaved()).toEqual({ theme: "dark", language: "zh" });
  saved({ theme: "dark", language: "zh" });
  expect(unsaved()).toEqual({});
});

test("what was chosen while something else was sent still waits", () => {
  addUnsaved({ theme: "dark" });
  addUnsaved({ theme: "light" });
  saved({ theme: "dark" });
  expect(unsaved()).toEqual({ theme: "light" });
});

test("what cannot be read is nothing", () => {
  kept.set("omna.unsaved", "{");
  expect(unsaved()).toEqual({});
});
