import { expect, test } from "vitest";

import { placeOf } from "./kept";
import { Memory } from "./memory";

test("what is written is read until it is forgotten", () => {
  const store = new Memory();
  const kept = placeOf(() => store);
  kept.write("a", "1");
  kept.writeValue("b", { c: [2] });
  expect(kept.read("a")).toBe("1");
  expect(kept.readValue("b")).toEqual({ c: [2] });
  kept.forget("a");
  expect(kept.read("a")).toBeNull();
  expect(kept.readValue("a")).toBeNull();
});

test("a value that cannot be read is none", () => {
  const store = new Memory();
  store.setItem("a", "{");
  expect(placeOf(() => store).readValue("a")).toBeNull();
});

test("a browser that forbids storage, or has no room, fails nobody", () => {
  const forbidden = placeOf(() => {
    throw new DOMException("denied", "SecurityError");
  });
  forbidden.write("a", "1");
  forbidden.writeValue("a", 1);
  forbidden.forget("a");
  expect(forbidden.read("a")).toBeNull();
  expect(forbidden.readValue("a")).toBeNull();
  const store = new Memory();
  store.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const full = placeOf(() => store);
  full.write("a", "1");
  expect(full.read("a")).toBeNull();
});
