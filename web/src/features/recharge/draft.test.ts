import { beforeEach, expect, test } from "vitest";

import { beginDraft, draftOf, forgetDraft, keepOrder } from "./draft";

let kept: Map<string, string>;
const store = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
  removeItem: (name: string) => void kept.delete(name),
};
beforeEach(() => {
  kept = new Map();
});

test("the same wish keeps its token, another one has its own", () => {
  const first = beginDraft("ws_1", "25 by transfer", store);
  expect(beginDraft("ws_1", "25 by transfer", store).token).toBe(first.token);
  expect(beginDraft("ws_2", "25 by transfer", store).token).not.toBe(first.token);
  expect(beginDraft("ws_1", "50 by transfer", store).token).not.toBe(first.token);
});

test("the order of a wish is remembered until it is forgotten", () => {
  const draft = beginDraft("ws_1", "25", store);
  keepOrder("ws_1", draft, { id: "rch_1", reference: "OM-1" }, store);
  expect(draftOf("ws_1", "25", store)?.order).toEqual({ id: "rch_1", reference: "OM-1" });
  expect(draftOf("ws_1", "50", store)).toBeNull();
  forgetDraft("ws_1", store);
  expect(draftOf("ws_1", "25", store)).toBeNull();
});

test("what cannot be read is no draft", () => {
  kept.set("omna.recharge.ws_1", "{");
  expect(draftOf("ws_1", "25", store)).toBeNull();
});
