/* Just enough colour for the short samples of this app: strings, keywords, comments. */

export interface Span {
  kind: "text" | "string" | "keyword" | "comment";
  text: string;
}

const KEYWORDS = "import|from|export|const|let|new|await|async|for|in|of|if|return|print|curl";
const PATTERN = new RegExp(`("(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')|((?:^|(?<=\\s))(?:#|//)[^\\n]*)|\\b(${KEYWORDS})\\b`, "gm");

export function highlight(code: string): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of code.matchAll(PATTERN)) {
    if (match.index > end) spans.push({ kind: "text", text: code.slice(end, match.index) });
    spans.push({ kind: match[1] !== undefined ? "string" : match[2] !== undefined ? "comment" : "keyword", text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < code.length) spans.push({ kind: "text", text: code.slice(end) });
  return spans;
}
