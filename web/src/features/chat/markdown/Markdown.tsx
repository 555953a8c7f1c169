import { memo, useDeferredValue, useId, useState } from "react";

import { useT } from "@/locales";
import { draw } from "./elements";
import { type Block, Growing, isClosed } from "./growing";
import styles from "./markdown.module.css";
import type { Blocks, References } from "./references";

export interface MarkdownProps {
  text: string;
  /** It still grows: what stands finished is not drawn again. */
  streaming: boolean;
}

/** Finished texts that were read lately: a long list shows its messages again and again. */
const READ = new Map<string, Blocks>();
const MOST_READ = 200;

/** What a model or a person wrote. */
export const Markdown = memo(function Markdown({ text, streaming }: MarkdownProps) {
  // Typing and scrolling come before the next words.
  const shown = useDeferredValue(text);
  const growing = streaming || shown !== text;
  const [reader] = useState(() => new Growing());
  const { blocks, references } = growing ? reader.read(shown, true) : finished(text, reader);
  const id = useId();
  return (
    <div className={styles.text}>
      {blocks.map((block, index) => (
        <Piece key={block.start} block={block} references={references} id={id} open={growing && index === blocks.length - 1 && !isClosed(block)} />
      ))}
      {references !== null && references.notes.length > 0 && <Notes references={references} id={id} />}
    </div>
  );
});

function finished(text: string, reader: Growing): Blocks {
  const known = READ.get(text);
  if (known !== undefined) return known;
  const blocks = reader.read(text, false);
  READ.set(text, blocks);
  if (READ.size > MOST_READ) for (const oldest of READ.keys()) {
    READ.delete(oldest);
    break;
  }
  return blocks;
}

interface PieceProps {
  block: Block;
  references: References | null;
  id: string;
  open: boolean;
}

const Piece = memo(
  function Piece({ block, references, id, open }: PieceProps) {
    return draw(block.node, { references, id, open }, 0);
  },
  (one, other) => one.block.source === other.block.source && one.references === other.references && one.id === other.id && one.open === other.open,
);

function Notes({ references, id }: { references: References; id: string }) {
  const t = useT();
  return (
    <section className={styles.notes} aria-label={t("markdown.notes")}>
      <ol>
        {references.notes.map((note, index) => (
          <li key={note.identifier} id={`${id}-${index + 1}`} tabIndex={-1}>
            {note.children.map((child, place) => draw(child, { references, id, open: false }, place))}
          </li>
        ))}
      </ol>
    </section>
  );
}
