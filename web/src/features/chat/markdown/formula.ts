import { createElement, type ReactNode } from "react";
import temml from "temml";

/* TeX to MathML, without a string of markup between: temml's tree becomes React elements, of which only those below are
   known. Loaded when the first formula is shown. */

interface Branch {
  type?: string;
  text?: string;
  attributes?: Record<string, unknown>;
  classes?: string[];
  style?: Record<string, unknown>;
  children?: Branch[];
}

const LONGEST = 10_000;
const DEEPEST = 100;

const ELEMENTS = new Set([
  "math", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace",
  "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none", "semantics",
]);

const ATTRIBUTES = new Set([
  "accent", "columnalign", "depth", "display", "displaystyle", "fence", "form", "height", "largeop", "linebreak", "linethickness", "lspace", "mathbackground",
  "mathcolor", "mathsize", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy",
  "symmetric", "voffset", "width",
]);

const STYLES = new Set([
  "border", "borderBottom", "borderLeft", "borderRight", "borderTop", "color", "display", "fontFamily", "fontWeight", "justifyContent", "mathDepth", "padding",
  "paddingBottom", "paddingLeft", "paddingRight", "paddingTop", "textAlign", "whiteSpace", "width",
]);

/** What a value of an attribute or a style may be made of: no address, no function but a colour's. */
const HARMLESS = /^(?!.*(?:url|expression|image|attr|var|env)\s*\()[\w\s#%.,+\-()"]*$/i;

/** Return a formula as elements; null when it cannot be read, or wants what a formula has no business with. */
export function formula(tex: string, display: boolean): ReactNode {
  if (tex.length > LONGEST) return null;
  try {
    const tree: Branch = temml.__renderToMathMLTree(tex, { displayMode: display, throwOnError: true, trust: false, maxExpand: 500, maxSize: [20, 200] });
    return element(tree, 0, 0);
  } catch {
    // Whatever temml stumbles over is not worth the page.
    return null;
  }
}

function element(branch: Branch, key: number, depth: number): ReactNode {
  if (depth > DEEPEST) throw new RangeError("a formula within a formula within …");
  if (typeof branch.text === "string") return branch.text;
  const children = (branch.children ?? []).map((child, index) => element(child, index, depth + 1));
  // A fragment.
  if (branch.type === undefined) return createElement("mrow", { key }, ...children);
  if (!ELEMENTS.has(branch.type)) throw new TypeError(`no formula has a ${branch.type}`);
  const properties: Record<string, unknown> = { key };
  for (const [name, value] of Object.entries(branch.attributes ?? {})) {
    if (ATTRIBUTES.has(name) && HARMLESS.test(String(value))) properties[name] = String(value);
  }
  const classes = (branch.classes ?? []).filter((name) => /^[\w-]+$/.test(name));
  if (classes.length > 0) properties.className = classes.join(" ");
  const style = Object.entries(branch.style ?? {}).filter(([name, value]) => STYLES.has(name) && HARMLESS.test(String(value)));
  if (style.length > 0) properties.style = Object.fromEntries(style);
  return createElement(branch.type, properties, ...children);
}
