import { expect, test } from "vitest";

import { addressMoment, momentOf } from "./period";

test("a day begins where its zone is", () => {
  expect(addressMoment(momentOf("2026-11-26", "UTC", 0) ?? 0)).toBe("2026-11-26T00:00:00Z");
  expect(addressMoment(momentOf("2026-11-26", "Asia/Shanghai", 0) ?? 0)).toBe("2026-11-25T16:00:00Z");
  expect(addressMoment(momentOf("2026-11-26", "Europe/Berlin", 1) ?? 0)).toBe("2026-11-26T23:00:00Z");
});

test("a day on which the clocks change begins at its own midnight", () => {
  expect(addressMoment(momentOf("2026-10-25", "Europe/Berlin", 0) ?? 0)).toBe("2026-10-24T22:00:00Z");
  expect(addressMoment(momentOf("2026-10-25", "Europe/Berlin", 1) ?? 0)).toBe("2026-10-25T23:00:00Z");
});

test("a moment stays what it is, nonsense is nothing", () => {
  expect(momentOf("2026-11-26T05:00:00Z", "Asia/Shanghai", 1)).toBe(Date.UTC(2026, 10, 26, 5));
  expect(momentOf("", "UTC", 0)).toBeNull();
  expect(momentOf("yesterday", "UTC", 0)).toBeNull();
  expect(momentOf("2026-99-99", "UTC", 0)).toBeNull();
});
