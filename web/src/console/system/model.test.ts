import { expect, test } from "vitest";

import { inBytes, troubleOf } from "./model";

test("bytes are said in the unit people use", () => {
  expect(inBytes(0, "en-US")).toBe("0 byte");
  expect(inBytes(999, "en-US")).toBe("999 byte");
  expect(inBytes(1_450_000_000, "en-US")).toBe("1.5 GB");
});

test("a job is in the worst state that is true of it", () => {
  expect(troubleOf({ failures: 2, overdue: true, running: false })).toBe("failing");
  expect(troubleOf({ failures: 0, overdue: true, running: false })).toBe("overdue");
  expect(troubleOf({ failures: 0, overdue: false, running: true })).toBe("running");
  expect(troubleOf({ failures: 0, overdue: false, running: false })).toBe("fine");
});
