import { describe, expect, it } from "vitest";

import { ApiError } from "@/api/problem";
import { endOfDay, lastDay, whole } from "./model";

describe("a promo code as it is typed", () => {
  it("has whole numbers or none", () => {
    expect(whole("", "most", "no")).toBeNull();
    expect(whole("30", "most", "no")).toBe(30);
    for (const text of ["0", "-1", "1.5", "ten", "1e3"]) {
      expect(() => whole(text, "most", "no"), text).toThrow(ApiError);
    }
  });
  it("ends with a day, in UTC", () => {
    expect(endOfDay("", "expires_at", "no")).toBeNull();
    expect(endOfDay("2030-01-31", "expires_at", "no")).toBe("2030-02-01T00:00:00.000Z");
    for (const text of ["2030-02-30", "31.1.2030", "2030-1-1", "soon"]) {
      expect(() => endOfDay(text, "expires_at", "no"), text).toThrow(ApiError);
    }
  });
  it("shows the day that was typed", () => {
    expect(lastDay("2030-02-01T00:00:00Z")).toBe("2030-01-31T23:59:59.999Z");
  });
  it("says which field is wrong", () => {
    try {
      whole("x", "most", "a number, please");
    } catch (error) {
      expect((error as ApiError).field("most")).toBe("a number, please");
    }
  });
});
