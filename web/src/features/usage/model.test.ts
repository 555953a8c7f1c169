import { describe, expect, it } from "vitest";

import { change, queryText, queryOf, rangeOf, spanOf } from "./model";

const NOW = Date.parse("2026-11-26T10:15:42Z");

function address(values: Record<string, string | string[]>) {
  const all = (name: string) => [values[name] ?? []].flat();
  return { value: (name: string) => all(name)[0] ?? "", values: all };
}

describe("the period of an address", () => {
  it("is the last day by default, the same for a whole minute", () => {
    expect(rangeOf(address({}))).toBe("24h");
    expect(spanOf(address({}), NOW, "UTC")).toEqual({ from: "2026-11-25T10:15:00.000Z" });
    expect(spanOf(address({}), NOW + 10_000, "UTC")).toEqual(spanOf(address({}), NOW, "UTC"));
  });
  it("takes days with both ends, in the zone that is shown", () => {
    const days = address({ from: "2026-11-20", to: "2026-11-21" });
    expect(rangeOf(days)).toBe("");
    expect(spanOf(days, NOW, "UTC")).toEqual({ from: "2026-11-20T00:00:00.000Z", to: "2026-11-22T00:00:00.000Z" });
    expect(spanOf(days, NOW, "Asia/Shanghai")).toEqual({ from: "2026-11-19T16:00:00.000Z", to: "2026-11-21T16:00:00.000Z" });
  });
  it("takes moments as they are, and survives nonsense", () => {
    expect(spanOf(address({ from: "2026-11-20T08:00:00Z", to: "2026-11-20T09:00:00Z" }), NOW, "Asia/Shanghai")).toEqual({
      from: "2026-11-20T08:00:00.000Z",
      to: "2026-11-20T09:00:00.000Z",
    });
    expect(spanOf(address({ from: "nonsense" }), NOW, "UTC").to).toBeUndefined();
    expect(rangeOf(address({ range: "1y" }))).toBe("24h");
  });
});

it("a download asks for exactly what is shown", () => {
  const shown = address({ model: ["a", "b/c"], outcome: "failed" });
  expect(queryText(queryOf(shown, { from: "2026-11-25T10:15:00.000Z" }), "csv")).toBe(
    "format=csv&from=2026-11-25T10%3A15%3A00.000Z&model=a&model=b%2Fc&outcome=failed",
  );
});

it("a change from nothing has no size", () => {
  expect(change(3, 0)).toBeNull();
  expect(change(3, 2)).toBe(0.5);
});
