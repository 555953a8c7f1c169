import type { Code, RootContent } from "mdast";

import { parse } from "./parse";
import { type Blocks, defines, Resolver } from "./references";

/* A text that grows at its end, as top-level blocks. What stands before a blank line that is followed by a whole line
   cannot change any more, so only the rest is read again; of code that is still open, not even that. */

export interface Block {
  /** Where its first line begins in the text. */
  start: number;
  source: string;
  node: RootContent;
}

interface OpenFence {
  block: Block;
  /** What closes it. */
  closes: RegExp;
  /** Where the code begins in the text. */
  code: number;
  /** Up to here no line closes it. */
  seen: number;
}

export class Growing {
  private text = "";
  private cut = 0;
  private done: Block[] = [];
  private tail: Block[] = [];
  private fence: OpenFence | null = null;
  private defines = false;
  private resolver = new Resolver();

  /** Return the blocks of a text, quickly when it begins with the last one. */
  read(text: string, growing: boolean): Blocks {
    if (text !== this.text || text === "") this.advance(text);
    const blocks = [...this.done, ...this.tail];
    if (!this.defines) return { blocks, references: null };
    // What is being written defines nothing yet.
    const last = growing ? blocks.pop() : undefined;
    const { blocks: resolved, references } = this.resolver.resolve(blocks);
    return { blocks: last === undefined ? resolved : [...resolved, last], references };
  }

  private advance(text: string): void {
    if (!text.startsWith(this.text)) {
      this.cut = 0;
      this.done = [];
      this.fence = null;
      this.defines = false;
    }
    this.text = text;
    if (this.fence !== null && this.extend(this.fence)) return;
    this.tail = cutBlocks(text, this.cut);
    this.defines ||= this.tail.some((block) => defines(block.node));
    this.settle();
    this.fence = openFence(this.tail.at(-1), text);
  }

  /** Let open code grow. Returns false when something may have closed it. */
  private extend(fence: OpenFence): boolean {
    const { text } = this;
    for (let line = fence.seen; ;) {
      const end = text.indexOf("\n", line);
      if (fence.closes.test(end === -1 ? text.slice(line) : text.slice(line, end))) return false;
      fence.seen = line;
      if (end === -1) break;
      line = end + 1;
    }
    const value = text.slice(fence.code).replace(/\r?\n$/, "");
    const block = { ...fence.block, source: text.slice(fence.block.start), node: { ...fence.block.node, value } as Code };
    this.tail = [...this.tail.slice(0, -1), block];
    return true;
  }

  /** Put aside what cannot change any more. */
  private settle(): void {
    for (let index = this.tail.length - 1; index > 0; index--) {
      const start = this.tail[index]?.start ?? 0;
      if (this.text.indexOf("\n", start) === -1 || !/\n[ \t]*\r?\n$/.test(this.text.slice(Math.max(0, start - 200), start))) continue;
      this.done = [...this.done, ...this.tail.slice(0, index)];
      this.tail = this.tail.slice(index);
      this.cut = start;
      return;
    }
  }
}

/** Whether the code of a block is closed: it is coloured, and a diagram can be drawn. */
export function isClosed(block: Block): boolean {
  return block.node.type !== "code" || openFence(block, "") === null;
}

function cutBlocks(text: string, cut: number): Block[] {
  const nodes = parse(text.slice(cut));
  const starts = nodes.map((node) => text.lastIndexOf("\n", cut + (node.position?.start.offset ?? 0) - 1) + 1);
  return nodes.map((node, index) => {
    const start = index === 0 ? cut : Math.max(cut, starts[index] ?? cut);
    return { start, node, source: text.slice(start, starts[index + 1]) };
  });
}

/** Return what is known of code between fences that is not closed; null for every other block. */
function openFence(block: Block | undefined, text: string): OpenFence | null {
  if (block?.node.type !== "code") return null;
  const opening = /^\s*?(`{3,}|~{3,})[^\n]*\n?/.exec(block.source);
  const mark = opening?.[1];
  if (opening === null || mark === undefined) return null;
  const closes = new RegExp(`^ {0,3}${mark.charAt(0)}{${mark.length},}[ \\t]*\\r?$`);
  const code = block.source.slice(opening[0].length);
  if (code.split("\n").some((line) => closes.test(line))) return null;
  // Only what needs no work on its lines is read quickly: no indentation, and its first line is over.
  const quick = block.source.startsWith(mark) && opening[0].endsWith("\n");
  const start = block.start + opening[0].length;
  return { block, closes: quick ? closes : /^/, code: start, seen: Math.max(start, text.lastIndexOf("\n") + 1) };
}
