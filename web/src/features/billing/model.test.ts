import { describe, expect, it } from "vitest";

import { isBelowOne, isEmail, isPositive, oneLine, refusalOf } from "./model";

describe("billing", () => {
  it("has words of its own for what a code is refused for", () => {
    expect(refusalOf("promo_code_unknown")).toBe("billing.code_unknown");
    expect(refusalOf("network")).toBeUndefined();
  });
  it("lets no address be, and refuses what is none", () => {
    expect(["", " ", "books@example.com"].map(isEmail)).toEqual([true, true, true]);
    expect(["books", "books@", "a b@example.com", "books@example"].map(isEmail)).toEqual([false, false, false, false]);
  });
  it("tidies a line", () => {
    expect(oneLine("  Acme \t GmbH ")).toBe("Acme GmbH");
  });
  it("takes amounts of more than nothing", () => {
    expect(["10", "0.5", "1,000"].map(isPositive)).toEqual([true, true, true]);
    expect(["", "0", "-1", "ten"].map(isPositive)).toEqual([false, false, false, false]);
  });
  it("needs a ceiling that lets one recharge through", () => {
    expect([isBelowOne("10", "9.99"), isBelowOne("10", "10"), isBelowOne("", "5"), isBelowOne("10", "")]).toEqual([true, false, false, false]);
  });
});
