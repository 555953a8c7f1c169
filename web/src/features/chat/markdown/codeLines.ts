import type { Span } from "./colours";

/* Code in sheets of some lines each: when it grows, only the last sheet is drawn again. */

const LINES = 40;

/** Return where the sheets of a code begin. */
export function sheets(code: string): string[] {
  const found: string[] = [];
  let start = 0;
  let end = -1;
  for (let line = 1; ; line++) {
    end = code.indexOf("\n", end + 1);
    if (end === -1) break;
    if (line % LINES !== 0) continue;
    found.push(code.slice(start, end));
    start = end + 1;
  }
  found.push(code.slice(start));
  return found;
}

/** Share out coloured pieces among sheets; their texts joined by line ends are the code. */
export function sharedOut(spans: readonly Span[], texts: readonly string[]): Span[][] {
  const result: Span[][] = [];
  let index = 0;
  let offset = 0;
  for (const text of texts) {
    const sheet: Span[] = [];
    let rest = text.length;
    while (rest > 0) {
      const span = spans[index];
      if (span === undefined) break;
      const piece = span.text.slice(offset, offset + rest);
      sheet.push({ kind: span.kind, text: piece });
      rest -= piece.length;
      offset += piece.length;
      if (offset === span.text.length) {
        index++;
        offset = 0;
      }
    }
    result.push(sheet);
    // The line end between two sheets.
    offset++;
    while (index < spans.length && offset >= (spans[index]?.text.length ?? 0)) {
      offset -= spans[index]?.text.length ?? 0;
      index++;
    }
  }
  return result;
}
