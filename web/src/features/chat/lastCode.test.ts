import { expect, test } from "vitest";

import { lastCode } from "./lastCode";

test("the last block of code is found, also one that has no end yet", () => {
  expect(lastCode("a\n```py\nx = 1\n```\nb\n~~~\ny\nz\n~~~\nend")).toBe("y\nz");
  expect(lastCode("````md\n```js\ninner\n```\n````")).toBe("```js\ninner\n```");
  expect(lastCode("```\nhalf")).toBe("half");
  expect(lastCode("no code")).toBe("");
});
