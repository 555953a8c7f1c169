import type { AlignType, FootnoteReference, List, ListItem, Nodes, Parents, Table as TableNode } from "mdast";
import type { ReactNode } from "react";

import { CodeBlock } from "./CodeBlock";
import { Diagram } from "./Diagram";
import { Formula } from "./Formula";
import { straight } from "./links";
import styles from "./markdown.module.css";
import { Destination, NoteLink, Picture, TableFrame, Task } from "./pieces";
import type { References } from "./references";

/* What a model wrote, as elements: only these. Markup is shown as the text that it is, and so is whatever is not known. */

export interface Surroundings {
  references: References | null;
  /** Begins the ids of this text's footnotes. */
  id: string;
  /** The block grows: its code is not coloured yet. */
  open: boolean;
}

/** Deeper nesting is no text any more. */
const DEEPEST = 60;

export function draw(node: Nodes, around: Surroundings, key: number, depth = 0): ReactNode {
  if (depth > DEEPEST) return "…";
  const inner = () => inside(node, around, depth);
  switch (node.type) {
    case "text":
      return straight(node.value);
    case "paragraph":
      return <p key={key} dir="auto">{inner()}</p>;
    case "heading": {
      // Below the headings of the page, whatever the model begins with.
      const Heading = "h3";
      return <Heading key={key} dir="auto" data-depth={node.depth}>{inner()}</Heading>;
    }
    case "strong":
      return <strong key={key}>{inner()}</strong>;
    case "emphasis":
      return <em key={key}>{inner()}</em>;
    case "delete":
      return <del key={key}>{inner()}</del>;
    case "inlineCode":
      return <code key={key} dir="ltr">{straight(node.value)}</code>;
    case "break":
      return <br key={key} />;
    case "thematicBreak":
      return <hr key={key} />;
    case "blockquote":
      return <blockquote key={key} dir="auto">{inner()}</blockquote>;
    case "list":
      return list(node, around, key, depth);
    case "listItem":
      return item(node, around, key, depth, false);
    case "code":
      return code(node.value, node.lang ?? "", around, key);
    case "math":
      return <Formula key={key} tex={node.value} display />;
    case "inlineMath":
      return <Formula key={key} tex={node.value} display={false} />;
    case "table":
      return table(node, around, key, depth);
    case "link":
      return <Destination key={key} address={node.url} text={plain(node)}>{inner()}</Destination>;
    case "linkReference":
      return <Destination key={key} address={around.references?.links.get(node.identifier)?.url ?? ""} text={plain(node)}>{inner()}</Destination>;
    case "image":
      return <Picture key={key} address={node.url} text={straight(node.alt ?? "")} />;
    case "imageReference":
      return <Picture key={key} address={around.references?.links.get(node.identifier)?.url ?? ""} text={straight(node.alt ?? "")} />;
    case "footnoteReference":
      return note(node, around, key);
    case "html":
      return html(node.value, key);
    case "definition":
    case "footnoteDefinition":
    case "yaml":
      return null;
    default:
      return "children" in node ? <span key={key}>{inner()}</span> : null;
  }
}

function inside(node: Nodes, around: Surroundings, depth: number): ReactNode[] {
  return "children" in node ? node.children.map((child, index) => draw(child, around, index, depth + 1)) : [];
}

/** Return the text of a node without its marks. */
function plain(node: Parents): string {
  return node.children.map((child) => ("value" in child ? child.value : "children" in child ? plain(child) : "")).join("");
}

function code(value: string, language: string, around: Surroundings, key: number): ReactNode {
  const name = straight(language).slice(0, 40);
  if (name === "mermaid" && !around.open) return <Diagram key={key} source={value} />;
  return <CodeBlock key={key} code={value} language={name} closed={!around.open} />;
}

/** Markup is text; only a line break is what it means. */
function html(value: string, key: number): ReactNode {
  if (/^<br\s*\/?>$/i.test(value)) return <br key={key} />;
  return <span key={key} className={styles.markup}>{straight(value)}</span>;
}

function list(node: List, around: Surroundings, key: number, depth: number): ReactNode {
  const items = node.children.map((child, index) => item(child, around, index, depth + 1, node.spread === true || child.spread === true));
  const tasks = node.children.some((child) => typeof child.checked === "boolean");
  if (node.ordered === true) return <ol key={key} start={node.start ?? 1}>{items}</ol>;
  return <ul key={key} className={tasks ? styles.tasks : undefined}>{items}</ul>;
}

function item(node: ListItem, around: Surroundings, key: number, depth: number, spread: boolean): ReactNode {
  const children = node.children.map((child, index) =>
    // In a tight list a paragraph is only a line.
    child.type === "paragraph" && !spread ? <span key={index} className={styles.line}>{inside(child, around, depth + 1)}</span> : draw(child, around, index, depth + 1),
  );
  return (
    <li key={key} dir="auto">
      {typeof node.checked === "boolean" && <Task done={node.checked} />}
      {children}
    </li>
  );
}

function table(node: TableNode, around: Surroundings, key: number, depth: number): ReactNode {
  const [head, ...rows] = node.children;
  const align = (index: number): AlignType => node.align?.[index] ?? null;
  return (
    <TableFrame key={key}>
      <thead>
        <tr>
          {head?.children.map((cell, index) => (
            <th key={index} scope="col" data-align={align(index)} dir="auto">{inside(cell, around, depth + 2)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, line) => (
          <tr key={line}>
            {row.children.map((cell, index) => (
              <td key={index} data-align={align(index)} dir="auto">{inside(cell, around, depth + 2)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}

function note(node: FootnoteReference, around: Surroundings, key: number): ReactNode {
  const number = (around.references?.notes.findIndex((one) => one.identifier === node.identifier) ?? -1) + 1;
  return number === 0 ? `[^${node.label ?? node.identifier}]` : <NoteLink key={key} id={`${around.id}-${number}`} number={number} />;
}
