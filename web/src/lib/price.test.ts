import { expect, test } from "vitest";

import { plainPrice, priceText, typedPrice } from "./price";

test("a price is written with the decimals of its currency", () => {
  expect(plainPrice({ minor: 2575, currency: "usd" })).toBe("25.75");
  expect(plainPrice({ minor: 5, currency: "usd" })).toBe("0.05");
  expect(plainPrice({ minor: 0, currency: "usd" })).toBe("0.00");
  expect(plainPrice({ minor: 1200, currency: "jpy" })).toBe("1200");
  expect(plainPrice({ minor: -150, currency: "eur" })).toBe("-1.50");
});

test("people read whose dollar it is", () => {
  expect(priceText({ minor: 123_456, currency: "usd" }, "en")).toBe("US$1,234.56");
  expect(priceText({ minor: 123_456, currency: "usd" }, "zh-Hans")).toBe("US$1,234.56");
  expect(priceText({ minor: 900, currency: "cny" }, "zh-Hans")).toBe("¥9.00");
});

test("what is typed keeps its decimals", () => {
  expect(typedPrice("12.50")).toBe("12.50");
  expect(typedPrice(" 1,234,567.89 ")).toBe("1234567.89");
  expect(typedPrice("1 000")).toBe("1000");
  expect(typedPrice("12,50")).toBe("12,50");
  expect(typedPrice(undefined)).toBe("");
});
