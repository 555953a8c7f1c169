import { describe, expect, test, vi } from "vitest";

import { type Block, Growing, isClosed } from "./growing";
import { parse } from "./parse";

// Its calls are counted.
vi.mock("./parse", async (original) => ({ parse: vi.fn((await original<{ parse: typeof parse }>()).parse) }));

const PARTS = `## Part\n\n${"Some words with code and **more**. ".repeat(20)}\n\n- one\n- two\n\n~~~js\n${"const a = 1;\n".repeat(40)}~~~\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n`;

const PIECES = [
  "A paragraph with **strong** words, `code` and $5 and $10.\n\n",
  "Two lines\nof text\n",
  "\n",
  "\n\n",
  "# Heading\n",
  "Setext\n===\n\n",
  "Word\n-",
  "---\n",
  "- one\n- two\n",
  "- loose\n\n- list\n\n",
  "1. first\n\n   ```js\n   const a = 1;\n\n   a();\n   ```\n\n2. second\n",
  "  - [x] done\n",
  "* other\n\n    inside\n\n",
  "> quoted\nlazy\n\n",
  "> ```\n> code\n\n",
  "```python\nprint(1)\n\n# no heading\n",
  "```\n",
  "~~~~ts\n```\nnested\n```\n\n",
  "~~~~\n",
  "````md\n```\n",
  "    indented\n\n    code\n",
  "| a | b |\n| - | :-: |\n| 1 | 2 |\n",
  "| a | b |\n",
  "$$\na\n+ b\n= c\n$$\n",
  "\\[\n\\begin{aligned}\n- x &= 1 \\\\\n\\end{aligned}\n\\]\n\n",
  "\\[ unclosed\n- list\n",
  "$$\n",
  "Math \\(a\n+ b\\) in a line and $$x$$.\n",
  "<!-- a\n\n- comment -->\n\n",
  "<div>\n**x**\n</div>\n\n",
  "<pre>\n\n# x\n",
  "tail \\",
  "日本語のテキスト。\r\n\r\n",
  "![x](https://a.b/c.png) [y](https://a.b)\n\n",
  "*unclosed **strong\n",
];

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A tree without its places, which are counted from the cut. */
const bare = (nodes: unknown): unknown => JSON.parse(JSON.stringify(nodes, (key, value: unknown) => (key === "position" ? undefined : value)));
const joined = (blocks: readonly Block[]) => blocks.map((block) => block.source).join("");

describe("a text that grows", () => {
  test("is cut into the blocks of the whole, however it arrives", { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 25; seed++) {
      const next = random(seed);
      let text = "";
      for (let count = 2 + Math.floor(next() * 12); count > 0; count--) text += PIECES[Math.floor(next() * PIECES.length)] ?? "";
      const growing = new Growing();
      for (let end = 0; end < text.length; ) {
        end += 1 + Math.floor(next() * (next() < 0.5 ? 4 : 40));
        const part = text.slice(0, end);
        const { blocks } = growing.read(part, true);
        if (part.trim() !== "") expect(joined(blocks), `seed ${seed}`).toBe(part);
        expect(bare(blocks.map((block) => block.node)), `seed ${seed}: ${JSON.stringify(part)}`).toEqual(bare(parse(part)));
      }
    }
  });

  test("keeps the blocks that are finished", () => {
    const growing = new Growing();
    const first = growing.read("# One\n\nTwo\n\nThree\n", true).blocks;
    const later = growing.read("# One\n\nTwo\n\nThree\n\nFour", true).blocks;
    expect(later.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(later[0]).toBe(first[0]);
    expect(later[1]).toBe(first[1]);
    expect(growing.read("Another", true).blocks.map((block) => block.source)).toEqual(["Another"]);
  });

  test("knows its references as the whole does", { timeout: 60_000 }, () => {
    const definitions = ["[a]: https://a.example\n\n", "[^n]: A note\n\n    with [a] and[^m].\n\n", "[^m]: Another\n\n", "> [B b]: https://b.example 'title'\n\n"];
    const mentions = ["See [a] and[^n], and ![x][b  B].\n\n", "- [one][a]\n- two[^m]\n\n", "## [a]\nText [nothing].\n\n", "| [a] |\n| - |\n| x[^n] |\n\n", "```\n[a]\n```\n\n", "`[a]` $$[a]$$\n\n"];
    for (let seed = 1; seed <= 8; seed++) {
      const next = random(seed);
      const pieces = [...definitions.filter(() => next() < 0.7), ...mentions, ...PIECES.slice(0, 8)].sort(() => next() - 0.5);
      const text = pieces.join("");
      const growing = new Growing();
      for (let end = 0; end < text.length; end += 30) growing.read(text.slice(0, end), true);
      const { blocks } = growing.read(text, false);
      expect(bare(blocks.map((block) => block.node)), `seed ${seed}: ${JSON.stringify(text)}`).toEqual(bare(parse(text)));
    }
    const { references } = new Growing().read(`x[^m] y[^n]\n\n${definitions.join("")}`, false);
    expect(references?.links.get("a")?.url).toBe("https://a.example");
    expect(references?.notes.map((note) => note.identifier)).toEqual(["m", "n"]);
  });

  test("knows whether code is closed", () => {
    const last = (text: string) => {
      const block = new Growing().read(text, true).blocks.at(-1);
      return block !== undefined && isClosed(block);
    };
    expect(last("```js\na\n")).toBe(false);
    expect(last("```js\na\n``")).toBe(false);
    expect(last("```js\na\n```")).toBe(true);
    expect(last("````md\n```\n````\n")).toBe(true);
    expect(last("````md\n```\n")).toBe(false);
    expect(last("```js")).toBe(false);
    expect(last("    indented")).toBe(true);
    expect(last("text")).toBe(true);
  });

  test("of 100 kB is read further from its last block", { timeout: 60_000 }, () => {
    let text = PARTS.repeat(Math.ceil(100_000 / PARTS.length));
    const growing = new Growing();
    growing.read(text, true);
    for (let step = 0; step < 40; step++) {
      text += PARTS.slice((step * 60) % PARTS.length, ((step * 60) % PARTS.length) + 60);
      vi.mocked(parse).mockClear();
      growing.read(text, true);
      const read = vi.mocked(parse).mock.calls.reduce((sum, [part]) => sum + part.length, 0);
      expect(read).toBeLessThan(2_000);
    }
  });
});
