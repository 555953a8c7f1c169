import { expect, test } from "vitest";

import { toggled } from "@/lib/toggled";
import type { Model } from "../types";
import { changedIn, isSetup, inserted, setOnly, withParameter } from "./setting";
import { actOf, canRead, kindOf, pasteName, readerFor } from "./model";
import { gaugeOf, told } from "./estimating";
import { groupsOf, usedNow } from "./picking";

const still = { key: "Enter", keyCode: 13, isComposing: false, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
const calm = { enterSends: true, touch: false, running: false, empty: false };

test("Enter sends, Shift+Enter breaks, and nothing happens while an input method composes", () => {
  expect(actOf(still, calm)).toBe("send");
  expect(actOf({ ...still, shiftKey: true }, calm)).toBe(null);
  expect(actOf({ ...still, isComposing: true }, calm)).toBe(null);
  expect(actOf({ ...still, keyCode: 229 }, calm)).toBe(null);
  expect(actOf(still, { ...calm, touch: true })).toBe(null);
  expect(actOf(still, { ...calm, enterSends: false })).toBe(null);
  expect(actOf({ ...still, ctrlKey: true }, { ...calm, enterSends: false })).toBe("send");
  expect(actOf({ ...still, metaKey: true }, { ...calm, touch: true })).toBe("send");
});

test("Esc stops what runs, and ↑ edits the last message only from an empty input", () => {
  const escape = { ...still, key: "Escape", keyCode: 27 };
  expect([actOf(escape, { ...calm, running: true }), actOf(escape, calm)]).toEqual(["stop", null]);
  expect(actOf({ ...escape, isComposing: true }, { ...calm, running: true })).toBe(null);
  const up = { ...still, key: "ArrowUp", keyCode: 38 };
  expect([actOf(up, { ...calm, empty: true }), actOf(up, calm), actOf({ ...up, shiftKey: true }, { ...calm, empty: true })]).toEqual(["edit", null, null]);
});

test("files are told apart before they are sent", () => {
  const kinds = [["a.png", "image/png"], ["a.pdf", "application/pdf"], ["a.py", ""], ["a.svg", "image/svg+xml"], ["a.md", "text/markdown"], ["Makefile", ""], ["a.gif", "image/gif"], ["a.mp3", "audio/mpeg"], ["a.zip", "application/zip"], ["a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"]] as const;
  expect(kinds.map(([name, type]) => kindOf({ name, type }))).toEqual(["image", "pdf", "text", "text", "text", "text", null, null, null, null]);
  expect(pasteName(["pasted.txt", "pasted-2.txt"])).toBe("pasted-3.txt");
});

function model(id: string, changes: Partial<Model> = {}): Model {
  const prices = { prompt: "1", completion: "2", cached: "0", cache_write: "0", reasoning: "0", request: null, image: null, second: null, character: null };
  return {
    id, name: id, description: "", aliases: [], owned_by: "acme", prices, free: false, context_length: 8000,
    max_output_tokens: null, input_modalities: ["text"], output_modalities: ["text"], endpoints: ["chat"], tools: null,
    reasoning: null, available: true, why_not: null, successor: null, retires_at: null, next_price: null,
    price_since: "2026-01-01T00:00:00Z", ...changes,
  };
}
const sees = { input_modalities: ["text", "image"] };

test("a model that cannot see names one that can: liked before cheap, and usable", () => {
  const dear = model("dear", { ...sees, prices: { ...model("x").prices, prompt: "50" } });
  const models = [model("blind"), dear, model("cheap", sees), model("off", { ...sees, available: false, free: true }), model("draws", { ...sees, endpoints: ["images"], free: true })];
  expect(canRead(models[0] as Model, ["pdf", "text"])).toBe(true);
  expect(canRead(models[0] as Model, ["image"])).toBe(false);
  expect(readerFor(models, ["image"], [])?.id).toBe("cheap");
  expect(readerFor(models, ["image"], ["off", "dear"])?.id).toBe("dear");
  expect(readerFor([model("blind")], ["image"], [])).toBe(null);
});

test("the picker shows favourites, then recent, then the rest, each once", () => {
  const models = [model("a"), model("b", { available: false }), model("c"), model("d", { owned_by: "Zeta" }), model("e", { endpoints: ["embeddings"], output_modalities: ["embeddings"] })];
  const shown = (search: string) => groupsOf(models, search, ["c"], ["c", "d"]).map((group) => [group.name, ...group.models.map((one) => one.id)]);
  expect(shown("")).toEqual([["favourites", "c"], ["recent", "d"], ["all", "a", "b"]]);
  expect(shown("zeta D")).toEqual([["recent", "d"]]);
  expect(shown("nothing")).toEqual([]);
  expect([toggled(["a"], "b"), toggled(["a", "b"], "a"), usedNow(["a", "b"], "b")]).toEqual([["b", "a"], ["b"], ["b", "a"]]);
});

test("what differs from a fresh chat is marked, and what is unset is not sent", () => {
  const setup = { model: "a", system_prompt: " ", parameters: { temperature: 0 } };
  expect(changedIn(setup)).toEqual(["temperature"]);
  expect(changedIn({ ...setup, system_prompt: "Be brief", parameters: {} })).toEqual(["system_prompt"]);
  expect(changedIn(setup, { system_prompt: "", parameters: { temperature: 0 } })).toEqual([]);
  expect(changedIn({ ...setup, parameters: {} }, { system_prompt: "x", parameters: { temperature: 0 } })).toEqual(["system_prompt", "temperature"]);
  const preset = { model: null, system_prompt: " ", parameters: { temperature: 0, top_p: null } };
  expect([isSetup(preset, setup), isSetup({ ...preset, model: "b" }, setup), isSetup({ ...preset, parameters: {} }, setup)]).toEqual([true, false, false]);
  expect(withParameter({ temperature: 1, top_p: 0.5 }, "temperature", undefined)).toEqual({ top_p: 0.5 });
  expect(setOnly({ temperature: null, max_tokens: 5 })).toEqual({ max_tokens: 5 });
});

test("what is put into the text gets a line of its own", () => {
  expect(inserted("ab", 1, "X")).toEqual({ text: "a\nXb", caret: 3 });
  expect(inserted("", 0, "X")).toEqual({ text: "X", caret: 1 });
});

test("an estimate speaks up when the prompt is large, the balance low or the context nearly full", () => {
  const quiet = { model: "a", prompt_tokens: 10, prompt_charge: "0.1", hold: "1", context: 1000, context_used: 100, dropped: 0, answer_tokens_affordable: null, refusal: null };
  expect(told(quiet)).toEqual({ price: false, scarce: false, blocked: false });
  expect(told({ ...quiet, prompt_tokens: 9000, answer_tokens_affordable: 300 })).toEqual({ price: true, scarce: true, blocked: false });
  expect(told({ ...quiet, answer_tokens_affordable: 0, refusal: { code: "insufficient_credits", message: "" } })).toEqual({ price: false, scarce: false, blocked: true });
  expect([quiet, { ...quiet, context_used: 800 }, { ...quiet, context_used: 1200 }].map((one) => gaugeOf(one)?.full)).toEqual(["no", "soon", "over"]);
  expect(gaugeOf({ ...quiet, context: null })).toBe(null);
});
