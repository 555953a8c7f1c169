import { expect, test } from "vitest";

import { preview } from "./preview";

test("our own file says its chats and messages", () => {
  const file = { format: "omna-chats", version: 1, chats: [{ title: "One", messages: [{}, {}] }, { title: "", messages: [] }, null] };
  expect(preview(JSON.stringify(file))).toEqual({ from: "omna", chats: 2, messages: 2, titles: ["One"] });
});

test("a file of ChatGPT is known by its trees, of which only what was said counts", () => {
  const node = (role: string, parts: unknown[]) => ({ message: { author: { role }, content: { parts } } });
  const mapping = { root: { message: null }, a: node("system", [""]), b: node("user", ["Hi"]), c: node("assistant", ["Hello"]), d: node("assistant", [""]), e: node("tool", ["x"]) };
  expect(preview(JSON.stringify([{ title: "Trip", mapping }]))).toEqual({ from: "chatgpt", chats: 1, messages: 2, titles: ["Trip"] });
});

test("anything else is nothing", () => {
  for (const text of ["", "{", "[]", "{}", "null", "[1]", '{"chats": []}']) expect(preview(text)).toBeNull();
});
