import { expect, test } from "vitest";

import type { Model } from "@/api/queries";
import { capabilitiesOf, choose, tokens } from "./model";

function model(id: string, changes: Partial<Model> = {}): Model {
  return {
    id,
    name: id,
    description: "",
    aliases: [],
    owned_by: "acme",
    prices: {
      prompt: "1", completion: "2", cached: "0", cache_write: "0", reasoning: "0",
      request: null, image: null, second: null, character: null,
    },
    free: false,
    context_length: 8000,
    max_output_tokens: null,
    input_modalities: ["text"],
    output_modalities: ["text"],
    endpoints: ["chat"],
    tools: null,
    reasoning: null,
    available: true,
    why_not: null,
    successor: null,
    retires_at: null,
    next_price: null,
    price_since: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

const prices = (prompt: string) => ({ ...model("x").prices, prompt });
const LIST = [
  model("beta", { context_length: 200_000, prices: prices("0.5"), tools: true }),
  model("alpha", { prices: prices("10"), aliases: ["first"], input_modalities: ["text", "image"] }),
  model("free", { free: true, prices: prices("0"), owned_by: "other", available: false }),
];
const ids = (search: Record<string, string | string[]>) => choose(LIST, search).map((one) => one.id);

test("without filters everything is there, by name", () => {
  expect(ids({})).toEqual(["alpha", "beta", "free"]);
});

test("filters narrow together", () => {
  expect(ids({ q: "FIRST" })).toEqual(["alpha"]);
  expect(ids({ can: ["tools"] })).toEqual(["beta"]);
  expect(ids({ can: ["tools", "vision"] })).toEqual([]);
  expect(ids({ provider: "other" })).toEqual(["free"]);
  expect(ids({ context: "128000" })).toEqual(["beta"]);
  expect(ids({ free: "1" })).toEqual(["free"]);
  expect(ids({ usable: "1" })).toEqual(["alpha", "beta"]);
});

test("prices sort as amounts, not as text", () => {
  expect(ids({ sort: "price" })).toEqual(["free", "beta", "alpha"]);
});

test("unknown abilities are not claimed", () => {
  expect(capabilitiesOf(model("x"))).toEqual([]);
});

test("lengths are short", () => {
  expect([tokens(512), tokens(128_000), tokens(1_048_576)]).toEqual(["512", "128K", "1M"]);
});
