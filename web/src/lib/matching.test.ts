import { expect, test } from "vitest";

import { matching } from "./matching";

test("names go before what is told of them", () => {
  const entries = [{ label: "Keys", description: "api" }, { label: "API" }, { label: "Ledger", keywords: ["book", "Api"] }, { label: "Team" }];
  expect(matching(" API ", entries).map((one) => one.label)).toEqual(["API", "Keys", "Ledger"]);
  expect(matching("", entries)).toHaveLength(4);
});
