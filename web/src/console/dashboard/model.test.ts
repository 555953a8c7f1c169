import { describe, expect, it } from "vitest";

import { bars, periodOf, signed } from "./model";

describe("the dashboard", () => {
  it("knows its periods", () => {
    expect(["1", "30", "", "8"].map(periodOf)).toEqual(["1", "30", "7", "7"]);
  });
  it("has a bar for every day, and none for money that is not shown", () => {
    const day = { day: "2026-01-01T00:00:00Z", requests: 5, errors: 2, recharged: null, charged: "1.5", provider_cost: "0.25" };
    expect(bars([day])).toEqual([{ day: day.day, recharged: 0, charged: 1.5, cost: 0.25, good: 3, errors: 2 }]);
  });
  it("writes a minus", () => {
    expect(signed("-12.5")).toBe("−12.5 %");
  });
});
