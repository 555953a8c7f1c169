import type { Root, RootContent } from "hast";
import { common, createLowlight } from "lowlight";

/* The grammars of common languages. Loaded when the first code is closed. */

export type Kind = "keyword" | "string" | "number" | "name" | "type" | "comment" | "added" | "removed";

export interface Span {
  kind: Kind | null;
  text: string;
}

const lowlight = createLowlight(common);
lowlight.registerAlias({ bash: ["zsh", "console", "shell-session"], typescript: ["mts", "cts"], xml: ["vue", "svelte"], ini: ["dotenv", "env"], plaintext: ["output"] });

const KINDS: Record<string, Kind> = {
  keyword: "keyword", meta: "keyword", "selector-pseudo": "keyword", section: "keyword", bullet: "keyword", "template-tag": "keyword",
  string: "string", regexp: "string", symbol: "string", char: "string", link: "string", code: "string", quote: "comment",
  number: "number", literal: "number",
  title: "name", attr: "name", attribute: "name", name: "name", "selector-tag": "name", "selector-id": "name", "selector-class": "name", "selector-attr": "name",
  property: "name",
  type: "type", built_in: "type", class: "type",
  comment: "comment", doctag: "comment", addition: "added", deletion: "removed",
};

/** Return code in pieces of one colour each; null when the language is not known. */
export function colour(code: string, language: string): Span[] | null {
  if (!lowlight.registered(language)) return null;
  const spans: Span[] = [];
  flatten(lowlight.highlight(language, code), null, spans);
  return spans;
}

function flatten(node: Root | RootContent, kind: Kind | null, spans: Span[]): void {
  if (node.type === "text") {
    const last = spans.at(-1);
    if (last?.kind === kind) last.text += node.value;
    else spans.push({ kind, text: node.value });
  } else if (node.type === "element" || node.type === "root") {
    const names = node.type === "element" && Array.isArray(node.properties.className) ? node.properties.className : [];
    const own = KINDS[String(names[0] ?? "").replace(/^hljs-/, "")] ?? kind;
    for (const child of node.children) flatten(child, own, spans);
  }
}
