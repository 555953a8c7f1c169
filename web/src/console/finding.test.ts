import { expect, test } from "vitest";

import { placeOf, startsSearch, wordOf } from "./finding";

const pressed = (changes: object) => ({ key: "/", ctrlKey: false, metaKey: false, altKey: false, isComposing: false, target: null, ...changes });

test("a slash opens the box, but not where somebody types", () => {
  expect(startsSearch(pressed({}))).toBe(true);
  expect(startsSearch(pressed({ target: { tagName: "BODY" } as never }))).toBe(true);
  for (const no of [{ key: "k" }, { ctrlKey: true }, { isComposing: true }, { target: { tagName: "INPUT" } as never }, { target: { isContentEditable: true } as never }]) {
    expect(startsSearch(pressed(no))).toBe(false);
  }
});

test("what stands beside a hit has words of its kind, or is shown as it is", () => {
  expect(wordOf("refund", "paid")).toBe("refund.state_paid");
  expect(wordOf("key", "omna_abcd…wxyz")).toBeUndefined();
});

test("an address is parted into path and search", () => {
  expect(placeOf("/users/usr_1")).toEqual({ to: "/users/usr_1", search: {} });
  expect(placeOf("/workspaces/ws_1?key=key_2")).toEqual({ to: "/workspaces/ws_1", search: { key: "key_2" } });
});
