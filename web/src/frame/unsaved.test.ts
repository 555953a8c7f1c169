import { beforeEach, expect, test, vi } from "vitest";

import { Memory } from "@/lib/memory";
import { addUnsaved, saved, unsaved } from "./unsaved";

let store: Memory;

beforeEach(() => {
  store = new Memory();
  vi.stubGlobal("sessionStorage", store);
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
  store.setItem("omna.unsaved", "{");
  expect(unsaved()).toEqual({});
});
