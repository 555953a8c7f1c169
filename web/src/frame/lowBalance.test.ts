import { describe, expect, it } from "vitest";

import { hasRecovered, isDismissed, levelOf } from "./lowBalance";

const of = (balance: string | null, threshold: string | null) => ({ balance, low_balance_threshold: threshold });

describe("low balance", () => {
  it("has levels: below the threshold, below a quarter of it, nothing", () => {
    const levels = ["10", "9.999999999", "2.5", "2.499999999", "0.000000001", "0", "-1"].map((left) => levelOf(of(left, "10")));
    expect(levels).toEqual([null, "low", "low", "very_low", "very_low", "empty", "empty"]);
  });
  it("is silent when nobody wants to know", () => {
    expect([of("0", null), of(null, "10"), of("0", "0")].map(levelOf)).toEqual([null, null, null]);
  });
  it("has recovered only when it is clear of the threshold", () => {
    expect([of("10.99", "10"), of("11", "10"), of("0", null), of(null, "10")].map(hasRecovered)).toEqual([false, true, true, false]);
  });
  it("stays dismissed for its level and lighter ones", () => {
    expect(isDismissed("low", "very_low")).toBe(true);
    expect(isDismissed("very_low", "very_low")).toBe(true);
    expect(isDismissed("empty", "very_low")).toBe(false);
    expect(isDismissed("low", null)).toBe(false);
    expect(isDismissed("low", "nonsense")).toBe(false);
  });
});
