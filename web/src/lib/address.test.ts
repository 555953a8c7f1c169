import { expect, test } from "vitest";

import { parseSearch, stringifySearch, valueOf, valuesOf } from "./address";

test("what an address says comes back as it was", () => {
  const search = { q: "a&b=c 中", key: ["key_1", "key_2"], sort: "-price" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

test("what is empty leaves no trace", () => {
  expect(stringifySearch({ q: "", key: [], sort: undefined })).toBe("");
});

test("values are read as one or many", () => {
  expect(valuesOf({ a: "1" }, "a")).toEqual(["1"]);
  expect(valueOf({ a: ["1", "2"] }, "a")).toBe("1");
  expect(valueOf({}, "a")).toBe("");
});
