import { expect, test } from "vitest";

import { endOf, stateOf } from "./model";

test("moments are typed in UTC, with or without a time", () => {
  expect(endOf("2030-01-31 18:00")).toBe("2030-01-31T18:00:00Z");
  expect(endOf("2030-01-31")).toBe("2030-01-31T00:00:00Z");
  expect(endOf("")).toBeNull();
  expect(endOf("tomorrow")).toBe("tomorrow");
});

test("a line is shown, comes later, or is over", () => {
  const now = Date.parse("2030-01-01T00:00:00Z");
  expect(stateOf({ active: true, current: true, starts_at: "2029-01-01T00:00:00Z" }, now)).toBe("shown");
  expect(stateOf({ active: true, current: false, starts_at: "2031-01-01T00:00:00Z" }, now)).toBe("later");
  expect(stateOf({ active: false, current: false, starts_at: "2031-01-01T00:00:00Z" }, now)).toBe("over");
});
