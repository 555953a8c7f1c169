import type { Nodes } from "mdast";
import { expect, test } from "vitest";

import { parse } from "./parse";

/** The math of a text: `block: …`, `line: …`. */
function math(text: string): string[] {
  const found: string[] = [];
  const visit = (node: Nodes) => {
    if (node.type === "math") found.push(`block: ${node.value}`);
    if (node.type === "inlineMath") found.push(`line: ${node.value}`);
    if ("children" in node) node.children.forEach(visit);
  };
  parse(text).forEach(visit);
  return found;
}

test("opens with two dollars or a backslash, and with nothing else", () => {
  const cases: [string, string[]][] = [
    ["$5 and $10, or $a$", []],
    ["It costs $$5.", []],
    ["an \\(x^2\\) and \\[y\\] and $$z$$ in a line", ["line: x^2", "line: y", "line: z"]],
    ["\\(a\nb\\)", ["line: a\nb"]],
    ["\\(a \\\\) b\\)", ["line: a \\\\) b"]],
    ["\\\\(a\\\\)", []],
    ["`\\(a\\)` and `$$b$$`", []],
    ["```\n$$\na\n$$\n```", []],
    ["    $$a$$", []],
    ["\\(unclosed", []],
    ["\\( \\) $$ $$", []],
    ["$$\nx = 1\n$$", ["block: x = 1"]],
    ["$$x = 1$$", ["block: x = 1"]],
    ["$$ x = 1\n+ 2 $$", ["block: x = 1\n+ 2"]],
    ["\\[\na\n- b\n= c\n\\]", ["block: a\n- b\n= c"]],
    ["Then:\n\\[\na\n+ b\n\\]\nand so on", ["block: a\n+ b"]],
    ["\\[ a \\].", ["block: a ."]],
    ["$$a$$ and text", ["line: a"]],
    ["$$\na\n\nb\n$$", []],
    ["1. One:\n\n   $$\n   a\n   + b\n   $$\n\n2. Two", ["block: a\n+ b"]],
    ["> $$\n> a\n> $$", ["block: a"]],
    ["> $$\n> a\nb $$", ["line: a\nb"]],
    ["| a | b |\n| - | - |\n| \\(x\\) | $5 |", ["line: x"]],
    ["**\\(x\\)** and [\\(y\\)](https://a.b)", ["line: x", "line: y"]],
  ];
  for (const [text, expected] of cases) expect(math(text), text).toEqual(expected);
});

test("that is never closed costs no more than text", { timeout: 60_000 }, () => {
  // The square of this would take long.
  for (const text of ["\\(".repeat(1_000), "$$ ".repeat(1_000), "\\[ a\n".repeat(1_000), "$$ a\n".repeat(1_000), "> ".repeat(500)]) {
    expect(math(text).length, text.slice(0, 4)).toBeLessThan(6_000);
  }
});
