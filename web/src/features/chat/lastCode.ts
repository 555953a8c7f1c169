/* PURE */

const BLOCK = /^( {0,3})(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:\n {0,3}\2[`~]*[ \t]*(?=\n|$)|$(?![\s\S]))/gm;

/** Return the last block of code in a Markdown text, "" for none. */
export function lastCode(text: string): string {
  return [...text.matchAll(BLOCK)].at(-1)?.[3] ?? "";
}
