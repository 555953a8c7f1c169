import { type ReactNode, useId } from "react";

import styles from "./Section.module.css";

interface SectionProps {
  title: string;
  /** One or two quiet sentences. */
  text?: ReactNode;
  /** To the right of the title. */
  actions?: ReactNode;
  /** Beside the title: a badge. */
  mark?: ReactNode;
  /** Content up to the edges: tables. */
  bare?: boolean;
  children?: ReactNode;
}

/** A part of a page with a title of its own. */
export function Section({ title, text, actions, mark, bare = false, children }: SectionProps) {
  const id = useId();
  return (
    <section className={bare ? styles.bare : styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <div className={styles.words}>
          <div className={styles.title}>
            <h2 id={id}>{title}</h2>
            {mark}
          </div>
          {text && <div className={styles.text}>{text}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children && <div className={styles.body}>{children}</div>}
    </section>
  );
}

/** Sections below one another. */
export function Sections({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}
