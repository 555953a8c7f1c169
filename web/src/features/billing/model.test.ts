import { describe, expect, it } from "vitest";

import { isEmail, oneLine, refusalOf } from "./model";

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
});
