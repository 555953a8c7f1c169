import { expect, test } from "vitest";

import { begin, Gap, hear, type Live } from "./live";
import { answer, message } from "./testing";

const piece = (kind: string, offset: number, text: string) => ({ name: "piece", data: JSON.stringify({ kind, offset, text }) });

function start(): Live {
  return begin({ ...message("a", "q", {}), content: "" }, answer({ state: "running", charge: null }));
}

test("what came twice is there once, counted as JavaScript counts", () => {
  let live = start();
  for (const event of [piece("text", 0, "Hi 🙂"), piece("text", 3, "🙂 there"), piece("text", 0, "Hi 🙂"), piece("reasoning", 0, "hm")]) live = hear(live, event);
  expect([live.text, live.reasoning]).toEqual(["Hi 🙂 there", "hm"]);
});

test("what got lost is noticed", () => {
  expect(() => hear(hear(start(), piece("text", 0, "ab")), piece("text", 3, "d"))).toThrow(Gap);
});

test("the end replaces what was heard", () => {
  const end = message("a", "q", { charge: "0.5", reasoning: "why" });
  const live = hear(hear(start(), { name: "state", data: '{"model": "other"}' }), { name: "done", data: JSON.stringify({ message: end }) });
  expect(live).toMatchObject({ text: "text of a", reasoning: "why", done: { id: "a" }, answer: { charge: "0.5" } });
});

test("a state changes what it names and keeps the texts", () => {
  const live = hear(hear(start(), piece("text", 0, "ab")), { name: "state", data: '{"model": "other"}' });
  expect([live.text, live.answer.model, live.answer.state]).toEqual(["ab", "other", "running"]);
});
