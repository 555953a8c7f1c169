import { beforeEach, expect, test } from "vitest";

import { type Place, placeOf } from "@/lib/kept";
import { Memory } from "@/lib/memory";
import { beginDraft, draftOf, forgetDraft, keepOrder } from "./draft";

let place: Place;
beforeEach(() => {
  const store = new Memory();
  place = placeOf(() => store);
});

test("the same wish keeps its token, another one has its own", () => {
  const first = beginDraft("ws_1", "25 by transfer", place);
  expect(beginDraft("ws_1", "25 by transfer", place).token).toBe(first.token);
  expect(beginDraft("ws_2", "25 by transfer", place).token).not.toBe(first.token);
  expect(beginDraft("ws_1", "50 by transfer", place).token).not.toBe(first.token);
});

test("the order of a wish is remembered until it is forgotten", () => {
  const draft = beginDraft("ws_1", "25", place);
  keepOrder("ws_1", draft, { id: "rch_1", reference: "OM-1" }, place);
  expect(draftOf("ws_1", "25", place)?.order).toEqual({ id: "rch_1", reference: "OM-1" });
  expect(draftOf("ws_1", "50", place)).toBeNull();
  forgetDraft("ws_1", place);
  expect(draftOf("ws_1", "25", place)).toBeNull();
});

test("what cannot be read is no draft", () => {
  place.write("omna.recharge.ws_1", "{");
  expect(draftOf("ws_1", "25", place)).toBeNull();
});
