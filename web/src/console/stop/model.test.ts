import { expect, test } from "vitest";

import { ofScope } from "@/lib/stops";
import { canCut, KINDS, scopeOf } from "./model";

test("a scope comes apart into what it was made of", () => {
  for (const kind of KINDS) {
    const scope = scopeOf(kind, "openai/gpt:free");
    expect(ofScope(scope).kind).toBe(kind);
  }
  expect(ofScope("model:openai/gpt:free").name).toBe("openai/gpt:free");
});

test("a provider or a model without a name is no scope", () => {
  expect(scopeOf("model", "")).toBe("");
  expect(scopeOf("all", "")).toBe("all");
});

test("orders and sign-ups have nothing that runs", () => {
  expect(KINDS.filter((kind) => !canCut(kind))).toEqual(["recharge", "signup"]);
});
