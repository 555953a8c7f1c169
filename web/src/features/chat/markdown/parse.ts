import type { RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

import { mathFromMarkdown, mathSyntax } from "./mathSyntax";

/** Longer than any answer; what is longer is shown as it is. */
const LONGEST = 1_000_000;

const OPTIONS = {
  extensions: [gfm({ singleTilde: false }), mathSyntax],
  mdastExtensions: [gfmFromMarkdown(), mathFromMarkdown],
};

/** Return the blocks of a text. What cannot be read, being too long or too deep, is one paragraph. */
export function parse(text: string): RootContent[] {
  if (text.length <= LONGEST) {
    try {
      return fromMarkdown(text, OPTIONS).children;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return [{ type: "paragraph", children: [{ type: "text", value: text }] }];
}
