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
const LABELS = new WeakMap<Block, string[]>();
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
  private read = new WeakMap<Block, { sources: string; block: Block }>();
  private last: References | null = null;

  /** Return the blocks with their references. */
  resolve(blocks: readonly Block[]): Blocks {
    const defining = blocks.filter((block) => remembered(DEFINING, block, () => defines(block.node)));
    if (defining.length === 0) return { blocks, references: null };
    const links = new Map<string, Definition>();
    const found = new Map<string, FootnoteDefinition>();
    const where = new Map<string, Block>();
    for (const block of defining) {
      collect(block.node, links, found);
      for (const label of [...links.keys(), ...found.keys()]) if (!where.has(label)) where.set(label, block);
    }
    const resolved = blocks.map((block) => this.readAgain(block, where));
    const mentioned = new Set(resolved.flatMap(mentionedIn));
    // A note may mention another one: its own block was read again, too.
    const fresh = new Map(resolved.flatMap(({ node }) => (node.type === "footnoteDefinition" ? [[node.identifier, node] as const] : [])).reverse());
    const notes = [...mentioned].flatMap((name) => fresh.get(name) ?? found.get(name) ?? []);
    const { last } = this;
    const same = last !== null && last.links.size === links.size && last.notes.length === notes.length && notes.every((note, index) => note === last.notes[index]);
    this.last = same ? last : { links, notes };
    return { blocks: resolved, references: this.last };
  }

  /** Read a block once more, with the definitions behind it that it mentions. */
  private readAgain(block: Block, where: ReadonlyMap<string, Block>): Block {
    const needed = new Set(labelsIn(block).flatMap((label) => where.get(label) ?? []));
    if (needed.size === 0) return block;
    const sources = [...needed].map((one) => one.source.trimEnd()).join("\n\n");
    const known = this.read.get(block);
    if (known?.sources === sources) return known.block;
    const nodes = parse(`${block.source.trimEnd()}\n\n${sources}`);
    const node: RootContent | undefined = nodes[0];
    // Something open, a comment, would swallow the definitions.
    const fresh = node?.type === block.node.type && nodes.length > needed.size ? { ...block, node } : block;
    this.read.set(block, { sources, block: fresh });
    return fresh;
  }
}

/** Return what could be a reference of a block. */
function labelsIn(block: Block): string[] {
  return remembered(LABELS, block, () => {
    const { type } = block.node;
    if (type === "code" || type === "html" || type === "math" || type === "definition") return [];
    return [...block.source.matchAll(/\[\^?([^[\]]+)\]/g)].map(([, label = ""]) => label.trim().replace(/\s+/g, " ").toLowerCase());
  });
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
