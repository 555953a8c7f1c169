import { expect, test } from "vitest";

import { firstWish, type Options, packOf, quoteOf, trouble } from "./model";

const OPTIONS = {
  packs: [
    { credits: "10", bonus: "0", price: { minor: 1000, currency: "usd" } },
    { credits: "25", bonus: "0", price: { minor: 2500, currency: "usd" } },
  ],
  minimum: "5",
  maximum: "1000",
  methods: [{ id: "mth_1", name: "Bank transfer" }],
  checkout: { processor: "sandbox", test_mode: true, fee_percent: "0" },
} as unknown as Options;

test("an amount has to be one, and within the bounds", () => {
  expect(trouble("12.50", OPTIONS)).toBeUndefined();
  expect(trouble("1,000", OPTIONS)).toBeUndefined();
  expect(trouble("4.999999999", OPTIONS)).toBe("least");
  expect(trouble("1000.01", OPTIONS)).toBe("most");
  expect(trouble("ten", OPTIONS)).toBe("amount");
  expect(trouble("", OPTIONS)).toBe("amount");
});

test("the form begins with what is asked for, then with what was chosen, then with what is offered", () => {
  expect(firstWish(OPTIONS, {}, {})).toEqual({ credits: "25", method: "checkout" });
  expect(firstWish(OPTIONS, { credits: "70", method: "mth_1" }, { credits: "10" })).toEqual({ credits: "70", method: "mth_1" });
  expect(firstWish(OPTIONS, { credits: "0.1", method: "mth_gone" }, { credits: "10" })).toEqual({ credits: "10", method: "checkout" });
  expect(firstWish({ ...OPTIONS, checkout: null }, { method: "checkout" }, {}).method).toBe("mth_1");
});

test("a pack is known by its amount, a quote only asked for what can be ordered", () => {
  expect(packOf("25.00", OPTIONS)?.credits).toBe("25");
  expect(packOf("26", OPTIONS)).toBeUndefined();
  expect(quoteOf({ credits: "25.00", method: "mth_1" }, OPTIONS)).toEqual({ credits: "25", channel: "manual" });
  expect(quoteOf({ credits: "25", method: "checkout" }, OPTIONS)).toEqual({ credits: "25", channel: "checkout" });
  expect(quoteOf({ credits: "2", method: "mth_1" }, OPTIONS)).toBeNull();
});
