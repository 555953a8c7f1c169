import { expect, test } from "vitest";

import { resetTime, absolute, clock, duration, relative } from "./time";

const NOW = Date.parse("2026-11-26T12:00:00Z");

test.each([
  ["2026-11-26T11:59:55Z", "5 seconds ago"],
  ["2026-11-26T09:00:00Z", "3 hours ago"],
  ["2026-11-25T11:00:00Z", "yesterday"],
  ["2026-11-28T12:00:01Z", "in 2 days"],
  ["2026-11-26T12:00:00Z", "now"],
])("%s is %s", (moment, words) => {
  expect(relative(moment, NOW, "en")).toBe(words);
});

test("the absolute time names its zone", () => {
  expect(absolute("2026-11-26T00:00:00Z", "en", "Asia/Shanghai")).toBe("Nov 26, 2026, 08:00:00 GMT+8");
  expect(clock("2026-11-26T00:00:00Z", "en", "UTC")).toBe("00:00 UTC");
});

test("durations use the unit people read", () => {
  expect([duration(420, "en"), duration(1340, "en"), duration(125_000, "en")]).toEqual(["420 ms", "1.3 s", "2 min 5 s"]);
});

test("a reset is said in both zones, and once where they are one", () => {
  expect(resetTime("2026-11-26T00:00:00Z", "en", "Europe/Berlin")).toBe("01:00 GMT+1 (00:00 UTC)");
  expect(resetTime("2026-11-26T00:00:00Z", "en", "UTC")).toBe("00:00 UTC");
});
