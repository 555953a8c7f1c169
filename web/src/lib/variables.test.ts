import { expect, test } from "vitest";

import { filled, variablesOf } from "./variables";

test("variables are found once, in their order", () => {
  expect(variablesOf("Write {{language}} like {{ author name }}, in {{language}}: {{x}} {{}} {{ }} { {no} } {{a\nb}}")).toEqual(["language", "author name", "x"]);
});

test("variables are filled in wherever they stand", () => {
  const text = "Write {{ what }} for {{who}}: {{what}} {{}} {x}";
  expect(filled(text, { what: "$& a poem", who: "" })).toBe("Write $& a poem for {{who}}: $& a poem {{}} {x}");
});
