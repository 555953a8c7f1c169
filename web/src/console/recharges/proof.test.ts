import { expect, test } from "vitest";

import { canZoom, START, turned, zoomed } from "./proof";

test("four quarters are a whole turn", () => {
  expect(turned(START).turn).toBe(90);
  expect(turned(turned(turned(turned(START))))).toEqual(START);
});

test("zoom stays within its steps", () => {
  expect(zoomed(START, -1)).toEqual(START);
  expect(canZoom(START, -1)).toBe(false);
  let view = START;
  for (let step = 0; step < 9; step++) view = zoomed(view, 1);
  expect(view.zoom).toBe(4);
  expect(canZoom(view, 1)).toBe(false);
});
