import { describe, expect, test } from "vitest";

import { exact, inDollars, parse, plain, share, short, typed } from "./money";

describe("exact", () => {
  test.each([
    ["0", "0.00"],
    ["12.5", "12.50"],
    ["0.034215", "0.034215"],
    ["1234567.000000001", "1,234,567.000000001"],
    ["-0.034215", "\u22120.034215"],
    ["0.1", "0.10"],
    ["100", "100.00"],
  ])("%s reads %s", (text, shown) => {
    expect(exact(parse(text), "en")).toBe(shown);
  });

  test("a signed amount says plus", () => {
    expect(exact(parse("2"), "en", true)).toBe("+2.00");
    expect(exact(0n, "en", true)).toBe("0.00");
  });
});

describe("short", () => {
  test.each([
    ["0", "0", "0"],
    ["12.999", "12.99", "13.00"],
    ["1", "1.00", "1.00"],
    ["0.034215", "0.03421", "0.03422"],
    ["0.99996", "0.9999", "1.00"],
    ["0.5", "0.50", "0.50"],
    ["0.000000001", "0.000000001", "0.000000001"],
    ["0.000012345", "0.00001234", "0.00001235"],
    ["-3.001", "\u22123.01", "\u22123.01"],
    ["1234.5678", "1,234.56", "1,234.57"],
  ])("%s is %s as a balance and %s as a charge", (text, balance, charge) => {
    expect(short(parse(text), "balance", "en")).toBe(balance);
    expect(short(parse(text), "charge", "en")).toBe(charge);
  });

  test("never flatters and never reads zero", () => {
    let seed = 7n;
    for (let turn = 0; turn < 2000; turn += 1) {
      seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
      const nano = seed % 10n ** ((seed % 14n) + 1n);
      if (nano === 0n) continue;
      const down = parse(short(nano, "balance", "en").replaceAll(",", ""));
      const up = parse(short(nano, "charge", "en").replaceAll(",", ""));
      expect(down <= nano && nano <= up && down > 0n).toBe(true);
    }
  });
});

describe("the wire", () => {
  test("keeps every digit", () => {
    for (const text of ["0", "0.000000001", "-12.5", "999999999999.999999999"]) expect(plain(parse(text))).toBe(text);
  });

  test.each(["", "1e3", "1.", ".5", "0.0000000001", "NaN"])("%s is no amount", (text) => {
    expect(() => parse(text)).toThrow(RangeError);
  });

  test("what was typed loses its grouping, and nothing else", () => {
    expect(typed(" 1,000.50 ")).toBe("1000.50");
    expect(typed("-1")).toBeNull();
    expect(typed("ten")).toBeNull();
  });
});

test("dollars follow the rate", () => {
  expect(plain(inDollars(parse("12.5"), "0.01"))).toBe("0.125");
});

test("shares stay between nothing and all", () => {
  expect([share(0n, 5n), share(5n, 5n), share(9n, 5n), share(1n, 0n), share(1n, 4n)]).toEqual([0, 1, 1, 1, 0.25]);
});
