import { expect, test } from "vitest";

import { waited } from "./waiting";

test.each([
  [0, "0 mins"],
  [59.9, "0 mins"],
  [95, "1 min"],
  [7_500, "2 hrs 5 mins"],
  [3_600, "1 hr"],
  [86_400 + 7_200 + 60, "1 day 2 hrs"],
  [86_400, "1 day"],
])("%d seconds are %s", (seconds, text) => {
  expect(waited(seconds, "en-GB")).toBe(text);
});
