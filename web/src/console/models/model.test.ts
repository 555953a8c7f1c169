import { describe, expect, it } from "vitest";

import { bodyOf, momentOf, same, shown, steps } from "./model";
import type { Rates, Version } from "./queries";

const RATES: Rates = {
  prompt: "2",
  completion: "4",
  cached: "2",
  cache_write: "2.5",
  reasoning: "4",
  request: "0",
  audio_prompt: null,
  audio_completion: "9",
  image_prompt: null,
  image_completion: null,
  image: "0",
  second: "0",
  character: "0",
};

describe("prices in a form", () => {
  it("shows what is a class's own", () => {
    expect(shown(RATES)).toEqual({ prompt: "2", completion: "4", cache_write: "2.5", audio_completion: "9" });
    expect(shown(null)).toEqual({});
  });
  it("sends what was typed, without grouping", () => {
    expect(bodyOf({ prompt: "1,000.5", completion: " 2 ", cached: "" })).toEqual({ prompt: "1000.5", completion: "2" });
    expect(bodyOf({ prompt: "much", completion: "-1" })).toEqual({ prompt: "much", completion: "-1" });
  });
  it("compares amounts and not texts", () => {
    expect(same("2.50", "2.5")).toBe(true);
    expect(same("2.05", "2.5")).toBe(false);
    expect(same("", "0")).toBe(false);
  });
  it("reads a moment of this browser", () => {
    expect(momentOf("")).toBeNull();
    expect(momentOf("2030-01-31T10:00")).toBe(new Date("2030-01-31T10:00").toISOString());
  });
});

describe("the history as steps", () => {
  const version = (state: Version["state"], effective_from: string, prompt: string): Version => ({
    id: `pv_${effective_from}`,
    state,
    effective_from,
    until: null,
    prices: { ...RATES, prompt },
  });
  it("leaves out what was taken back, and ends in the present", () => {
    const now = Date.parse("2026-03-01T00:00:00Z");
    const points = steps([version("withdrawn", "2026-02-01T00:00:00Z", "9"), version("current", "2026-01-01T00:00:00Z", "2")], now);
    expect(points.map((point) => [point.at, point.prompt])).toEqual([
      [Date.parse("2026-01-01T00:00:00Z"), 2],
      [now, 2],
    ]);
    expect(steps([], now)).toEqual([]);
  });
});
