import { expect, test } from "vitest";

import { ofScope } from "./stops";

test("a scope is a kind, and perhaps a name with colons of its own", () => {
  expect(ofScope("recharge")).toEqual({ kind: "recharge", name: "" });
  expect(ofScope("model:openai/gpt:free")).toEqual({ kind: "model", name: "openai/gpt:free" });
});
