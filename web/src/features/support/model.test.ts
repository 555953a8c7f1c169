import { expect, test } from "vitest";

import { fileSize, parseAbout, writtenMoney } from "./model";

const ID = "0".repeat(32);

test("an address names things by kind and id", () => {
  expect(parseAbout([`order:rch_${ID}`, `request:req_${ID}`])).toEqual([
    { kind: "order", id: `rch_${ID}` },
    { kind: "request", id: `req_${ID}` },
  ]);
});

test("what does not fit is left out", () => {
  expect(parseAbout(["", "order", `order:req_${ID}`, `person:usr_${ID}`, `order:rch_${ID}<script>`, "toString:x"])).toEqual([]);
});

test("real money and sizes are written for people", () => {
  expect(writtenMoney({ minor: 1250, currency: "usd" })).toBe("12.50 USD");
  expect(writtenMoney({ minor: 500, currency: "jpy" })).toBe("500 JPY");
  expect(fileSize(1536, "en")).toBe("1.5 kB");
});
