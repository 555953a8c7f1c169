import { expect, test } from "vitest";

import { highlight } from "./highlight";

test("nothing is lost", () => {
  const code = `# a "comment"\nfrom openai import OpenAI\nclient = OpenAI(api_key="x \\" y")\ncurl 'http://a/b' -d '{"a":\n1}'\n`;
  expect(highlight(code).map((span) => span.text).join("")).toBe(code);
  expect(highlight(code).filter((span) => span.kind === "string").map((span) => span.text)).toEqual([
    `"x \\" y"`,
    "'http://a/b'",
    `'{"a":\n1}'`,
  ]);
});

test("an address is no comment", () => {
  expect(highlight("http://localhost:5108/v1").map((span) => span.kind)).toEqual(["text"]);
});
