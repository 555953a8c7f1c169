import { expect, test } from "vitest";

import { languageOf, pieces, placeholders, say } from "./message";

const KEYS = { one: "{count} key of {name}", other: "{count} keys of {name}" };

test("plurals and grouping follow the language", () => {
  expect(say(KEYS, { count: 1, name: "Ada" }, "en")).toBe("1 key of Ada");
  expect(say(KEYS, { count: 1200, name: "Ada" }, "en")).toBe("1,200 keys of Ada");
  expect(say({ one: "{count} 个", other: "{count} 个密钥" }, { count: 1 }, "zh")).toBe("1 个密钥");
});

test("values are text, never patterns", () => {
  expect(say("Hello {name}", { name: "{name} $& <b>" }, "en")).toBe("Hello {name} $& <b>");
});

test("pieces name what stands between", () => {
  expect(pieces("See {link} first", {}, "en")).toEqual(["See ", { name: "link" }, " first"]);
  expect(placeholders(KEYS)).toEqual(["count", "name"]);
});

test("languages come from tags", () => {
  expect([languageOf("zh-Hans-CN"), languageOf("de"), languageOf(null)]).toEqual(["zh", "en", "en"]);
});
