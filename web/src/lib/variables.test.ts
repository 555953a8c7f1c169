import { expect, test } from "vitest";

import { variablesOf } from "./variables";

test("variables are found once, in their order", () => {
  expect(variablesOf("Write {{language}} like {{ author name }}, in {{language}}: {{x}} {{}} {{ }} { {no} } {{a\nb}}")).toEqual(["language", "author name", "x"]);
});
