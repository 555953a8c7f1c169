import type { Definition, FootnoteDefinition, Nodes, RootContent } from "mdast";

import type { Block } from "./growing";
import { parse } from "./parse";

/* Definitions reach back: a reference is one only when its definition is known. The few blocks that mention one are read
   again, each by itself, with all definitions behind it. */

export interface References {
  links: ReadonlyMap<string, Definition>;
  /** In the order in which they are first mentioned. */
  notes: readonly FootnoteDefinition[];
}

export interface Blocks {
  blocks: readonly Block[];
  references: References | null;
}

export function defines(node: Nodes): boolean {
  return node.type === "definition" || node.type === "footnoteDefinition" || ("children" in node && node.children.some(defines));
}

/** What a block says about notes: known once, as blocks do not change. */
const MENTIONED = new WeakMap<Block, string[]>();
const DEFINING = new WeakMap<Block, boolean>();

function remembered<T>(known: WeakMap<Block, T>, block: Block, find: () => T): T {
  const value = known.get(block) ?? find();
  known.set(block, value);
  return value;
}

function mentionedIn(block: Block): string[] {
  return remembered(MENTIONED, block, () => {
    const mentioned: string[] = [];
    visit(block.node, mentioned);
    return mentioned;
  });
}

export class Resolver {
  private sources = "";
  private read = new WeakMap<Block, Block>();
  private last: References | null = null;

  /** Return the blocks with their references. */
  resolve(blocks: readonly Block[]): Blocks {
    const defining = blocks.filter((block) => remembered(DEFINING, block, () => defines(block.node)));
    if (defining.length === 0) return { blocks, references: null };
    const sources = defining.map((block) => block.source.trimEnd()).join("\n\n");
    if (sources !== this.sources) {
      this.sources = sources;
      this.read = new WeakMap();
      this.last = null;
    }
    const links = new Map<string, Definition>();
    const found = new Map<string, FootnoteDefinition>();
    for (const block of defining) collect(block.node, links, found);
    const labels = new Set([...links.keys(), ...found.keys()]);
    const resolved = blocks.map((block) => {
      const known = this.read.get(block);
      if (known !== undefined) return known;
      const fresh = mentions(block, labels) ? readAgain(block, sources, defining.length) : block;
      this.read.set(block, fresh);
      return fresh;
    });
    const mentioned = new Set(resolved.flatMap(mentionedIn));
    // A note may mention another one: its own block was read again, too.
    const fresh = new Map(resolved.flatMap(({ node }) => (node.type === "footnoteDefinition" ? [[node.identifier, node] as const] : [])).reverse());
    const notes = [...mentioned].flatMap((name) => fresh.get(name) ?? found.get(name) ?? []);
    const same = this.last?.notes.length === notes.length && notes.every((note, index) => note === this.last?.notes[index]);
    const references = same && this.last !== null ? this.last : { links, notes };
    this.last = references;
    return { blocks: resolved, references };
  }
}

function readAgain(block: Block, sources: string, count: number): Block {
  const nodes = parse(`${block.source.trimEnd()}\n\n${sources}`);
  const node: RootContent | undefined = nodes[0];
  // Something open, a comment, would swallow the definitions.
  return node?.type === block.node.type && nodes.length > count ? { ...block, node } : block;
}

function mentions({ source, node }: Block, labels: ReadonlySet<string>): boolean {
  if (node.type === "code" || node.type === "html" || node.type === "math" || node.type === "definition") return false;
  for (const [, label = ""] of source.matchAll(/\[\^?([^[\]]+)\]/g)) if (labels.has(label.trim().replace(/\s+/g, " ").toLowerCase())) return true;
  return false;
}

function collect(node: Nodes, links: Map<string, Definition>, notes: Map<string, FootnoteDefinition>): void {
  if (node.type === "definition" && !links.has(node.identifier)) links.set(node.identifier, node);
  if (node.type === "footnoteDefinition" && !notes.has(node.identifier)) notes.set(node.identifier, node);
  if ("children" in node) for (const child of node.children) collect(child, links, notes);
}

function visit(node: Nodes, mentioned: string[]): void {
  if (node.type === "footnoteReference" && !mentioned.includes(node.identifier)) mentioned.push(node.identifier);
  if ("children" in node) for (const child of node.children) visit(child, mentioned);
}
