import { expect, test } from "vitest";

import { addressesIn, changesOf, colorOf, factsOf } from "./model";

test("what is over is grey, however bad it was", () => {
  expect(colorOf("critical", "open")).toBe("bad");
  expect(colorOf("warning", "acknowledged")).toBe("warn");
  expect(colorOf("info", "open")).toBe("gray");
  expect(colorOf("critical", "resolved")).toBe("gray");
});

test("addresses stand on lines or between commas, and nothing is nobody of one's own", () => {
  expect(addressesIn(" a@x.org,\nb@x.org; c@x.org ")).toEqual(["a@x.org", "b@x.org", "c@x.org"]);
  expect(addressesIn(" \n")).toBeNull();
});

test("facts are words", () => {
  expect(factsOf({ given_up: 3, models: ["a", "b"], scope: null, stopped: true })).toEqual([
    ["given up", "3"],
    ["models", "a, b"],
    ["stopped", "true"],
  ]);
});

test("only what differs is changed", () => {
  const one = { name: "errors_percent", unit: "percent", value: "50", initial: "50", least: "1", most: "100" } as const;
  expect(changesOf([one], {})).toEqual({});
  expect(changesOf([one], { errors_percent: " 50 " })).toEqual({});
  expect(changesOf([one], { errors_percent: "30", other: "1" })).toEqual({ errors_percent: "30" });
});
