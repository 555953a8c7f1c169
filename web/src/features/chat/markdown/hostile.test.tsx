import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, expect, test } from "vitest";

import { Locale } from "@/locales";
import { en } from "@/locales/en";
import { formula } from "./formula";
import hostile from "./hostile.json";
import { Markdown } from "./Markdown";
import { parse } from "./parse";

/* What a model may write to attack whoever reads it. As markup it may be nothing but the elements below. */

const ELEMENTS = new Set(
  ("div p span br hr a strong em del code pre button svg path blockquote ul ol li h3 table thead tbody tr th td sup section " +
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none").split(" "),
);
const ATTRIBUTES = new Set(
  ("class dir style tabindex role type id start scope target rel href aria-label aria-pressed aria-hidden data-code data-depth data-align data-done " +
    "xmlns width height viewBox fill stroke stroke-width stroke-linecap stroke-linejoin d " +
    "accent columnalign depth display displaystyle fence form largeop linebreak linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowspacing rspace scriptlevel separator stretchy symmetric voffset").split(" "),
);

/** Return what of some markup is forbidden. Values have no < or " of their own, React escapes them. */
function forbidden(markup: string): string[] {
  const found: string[] = [];
  for (const [, name = "", attributes = ""] of markup.matchAll(/<([^\s/>]+)((?:[^>"]|"[^"]*")*)>/g)) {
    if (!ELEMENTS.has(name)) found.push(name);
    for (const [, attribute = "", value = ""] of attributes.matchAll(/([^\s=/]+)(?:="([^"]*)")?/g)) {
      if (!ATTRIBUTES.has(attribute)) found.push(`${name} ${attribute}`);
      if (attribute === "href" && !/^(https:|mailto:)/.test(value)) found.push(value);
      if (attribute === "style" && /url|expression|position/i.test(value)) found.push(value);
    }
    if (name === "a" && !attributes.includes('rel="noopener noreferrer"')) found.push(`a${attributes}`);
  }
  return found;
}

function render(text: string, streaming: boolean): string {
  return renderToStaticMarkup(
    <Locale language="en" catalogue={en}>
      <Markdown text={text} streaming={streaming} />
    </Locale>,
  );
}

beforeAll(async () => {
  await import("./colours");
});

test("the check sees what it looks for", () => {
  expect(forbidden('<p><img src="x" onerror="y"></p><a href="javascript:x">y</a><a href="https://a.b">z</a>')).toEqual([
    "img", "img src", "img onerror", "javascript:x", 'a href="javascript:x"', 'a href="https://a.b"',
  ]);
});

test("nothing that a model writes is markup", { timeout: 60_000 }, () => {
  for (const text of hostile) {
    for (const streaming of [false, true]) expect(forbidden(render(text, streaming)), text).toEqual([]);
    // While it arrives, too: no half of it means something.
    for (let end = 1; end < text.length; end += 17) expect(forbidden(render(text.slice(0, end), true)), text.slice(0, end)).toEqual([]);
  }
  expect(forbidden(render(hostile.join("\n\n"), false))).toEqual([]);
});

test("no formula is markup either", { timeout: 60_000 }, () => {
  const texts = hostile.concat(["x^2", "\\frac{a}{b}", "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\color{red}{x}", "\\boxed{x}", "\\cancel{x}", "\\vec{v}", "\\ce{H2O}"]);
  for (const text of texts) {
    for (const tex of [text, ...parse(text).flatMap((node) => (node.type === "math" ? [node.value] : []))]) {
      const drawn = formula(tex, true);
      if (drawn !== null) expect(forbidden(renderToStaticMarkup(drawn)), tex).toEqual([]);
    }
  }
  for (const tex of ["\\href{https://a.b}{x}", "\\includegraphics{https://a.b}", "\\frac{", "\\def\\a{\\a\\a}\\a", "{".repeat(500), "x".repeat(20_000)]) {
    expect(formula(tex, false), tex.slice(0, 20)).toBeNull();
  }
  expect(renderToStaticMarkup(formula("\\sqrt{x}", false))).toContain("<msqrt>");
});
