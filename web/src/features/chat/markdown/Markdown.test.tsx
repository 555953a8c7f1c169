import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";

import { Locale } from "@/locales";
import { en } from "@/locales/en";
import { Markdown } from "./Markdown";

/** The elements of a text, without what only says how they look. */
function render(text: string, streaming = false): string {
  const markup = renderToStaticMarkup(
    <Locale language="en" catalogue={en}>
      <Markdown text={text} streaming={streaming} />
    </Locale>,
  );
  return markup.replace(/^<div[^>]*>|<\/div>$/g, "").replace(/ (?:class|dir|tabindex)="[^"]*"/g, "").replace(/<svg.*?<\/svg>/g, "");
}

test("GFM is drawn with its own elements", () => {
  const cases: [string, string][] = [
    ["**a** *b* ~~c~~ `d` ~e~", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code> ~e~</p>"],
    ["# A\n\n### B", '<h3 data-depth="1">A</h3><h3 data-depth="3">B</h3>'],
    ["- a\n- b", "<ul><li><span>a</span></li><li><span>b</span></li></ul>"],
    ["3. a\n\n4. b", '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
    ["- [x] a", '<ul><li><span role="img" aria-label="Done:" data-done="true"></span><span>a</span></li></ul>'],
    ["> a", "<blockquote><p>a</p></blockquote>"],
    ["a<br>b <b>c</b>", "<p>a<br/>b <span>&lt;b&gt;</span>c<span>&lt;/b&gt;</span></p>"],
    ["see https://a.example/b.", '<p>see <a href="https://a.example/b" target="_blank" rel="noopener noreferrer">https://a.example/b</a>.</p>'],
    ["[a](http://a.example)", "<p><span>a</span></p>"],
    ["[bank.example](https://evil.example)", '<p><a href="https://evil.example/" target="_blank" rel="noopener noreferrer">bank.example<span> (evil.example)</span></a></p>'],
    ["![cat](https://a.example/c.png)", '<p><a href="https://a.example/c.png" target="_blank" rel="noopener noreferrer"><span>cat</span><span>(a.example)</span></a></p>'],
    ["$5 and $10", "<p>$5 and $10</p>"],
    ["\\(x\\)", "<p><code>x</code></p>"],
  ];
  for (const [text, expected] of cases) expect(render(text), text).toBe(expected);
});

test("tables, notes and code stand in frames", () => {
  expect(render("| a | b |\n| - | -: |\n| 1 | 2 |")).toBe(
    '<div role="group" aria-label="Table"><table><thead><tr><th scope="col">a</th><th scope="col" data-align="right">b</th></tr></thead>' +
      '<tbody><tr><td>1</td><td data-align="right">2</td></tr></tbody></table></div>',
  );
  expect(render("a[^1]\n\n[^1]: b")).toMatch(/<sup><button type="button" aria-label="Footnote 1">1<\/button><\/sup>.*<section aria-label="Footnotes"><ol><li id="[^"]+-1"><p>b<\/p>/);
  const code = render("```js\nlet a;\n```");
  expect(code).toContain('<pre role="group" aria-label="js"><code><span>let a;</span></code></pre>');
  expect(code).toContain("Copy");
});
