import { describe, expect, it } from "vitest";

import { givingBack, wishOf } from "./model";

describe("wishOf", () => {
  const typed = { credits: "1,250.5", note: "Sorry!", reason: "Wrong bill", expires_on: "" };

  it("gives and takes", () => {
    expect(wishOf("ws_1", { ...typed, giving: "give" })).toMatchObject({ workspace: "ws_1", kind: "adjustment", credits: "1250.5", expires_on: null });
    expect(wishOf("ws_1", { ...typed, giving: "take" }).credits).toBe("-1250.5");
    expect(wishOf("ws_1", { ...typed, credits: "-3", giving: "take" }).credits).toBe("-3");
  });

  it("gives promo Credits with an end", () => {
    expect(wishOf("ws_1", { ...typed, giving: "promo", expires_on: "2030-01-31" })).toMatchObject({ kind: "promo", expires_on: "2030-01-31" });
  });

  it("leaves what is no amount to /api", () => {
    expect(wishOf("ws_1", { ...typed, credits: "much", giving: "give" }).credits).toBe("much");
  });
});

describe("givingBack", () => {
  it("names the request", () => {
    expect(givingBack("req_1", { credits: "2", note: "Cut", reason: "Outage" })).toEqual({
      kind: "usage_refund",
      request: "req_1",
      credits: "2",
      note: "Cut",
      reason: "Outage",
    });
  });
});
