import { describe, expect, it } from "vitest";

import { bars, failureKey, host, rate, took, whole } from "./model";

describe("numbers of providers", () => {
  it("reads without a call as unknown", () => {
    expect(rate(null, "en")).toBe("—");
    expect(took(null, "en")).toBe("—");
    expect(rate(0.125, "en")).toBe("12.5%");
    expect(took(850, "en")).toBe("850 ms");
    expect(took(1250, "en")).toBe("1.3 sec");
    expect(took(61_000, "en")).toBe("61 sec");
  });
  it("draws bars as parts of the highest", () => {
    expect(bars([{ calls: 4, failed: 1 }, { calls: 0, failed: 0 }])).toEqual([{ good: 0.75, bad: 0.25 }, { good: 0, bad: 0 }]);
    expect(bars([])).toEqual([]);
  });
  it("tells a number from nothing and from nonsense", () => {
    expect([whole(""), whole("12"), whole("-1"), whole("1.5")]).toEqual([null, 12, undefined, undefined]);
  });
  it("has words for failures it does not know", () => {
    expect(failureKey("credential")).toBe("console_providers.failure_credential");
    expect(failureKey("new")).toBe("console_providers.failure_other");
    expect([host("https://a.example:8443/v1"), host("?")]).toEqual(["a.example:8443", "?"]);
  });
});
