import { IconPhoto, IconSquare, IconSquareCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useT } from "@/locales";
import { hostOf, otherHost, safeAddress } from "./links";
import styles from "./markdown.module.css";

/** A link, when its address may be followed; else its text. One whose text names another host says where it goes. */
export function Destination({ address, text, children }: { address: string; text: string; children: ReactNode }) {
  const safe = safeAddress(address);
  if (safe === null) return <span>{children}</span>;
  const host = otherHost(text, safe);
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {children}
      {host !== null && <span className={styles.host}> ({host})</span>}
    </a>
  );
}

/** A picture is never loaded: its host would learn who reads. A link to it, with its host. */
export function Picture({ address, text }: { address: string; text: string }) {
  const t = useT();
  const safe = safeAddress(address);
  const host = hostOf(address);
  const words = (
    <>
      <IconPhoto size={16} stroke={1.5} aria-hidden />
      <span>{text === "" ? t("markdown.picture") : text}</span>
      {host !== null && <span className={styles.host}>({host})</span>}
    </>
  );
  if (safe === null || host === null) return <span className={styles.picture}>{words}</span>;
  return (
    <a className={styles.picture} href={safe} target="_blank" rel="noopener noreferrer">
      {words}
    </a>
  );
}

/** A table that scrolls by itself when it is wider than the text. */
export function TableFrame({ children }: { children: ReactNode }) {
  const t = useT();
  return (
    <div className={styles.frame} tabIndex={0} role="group" aria-label={t("markdown.table")}>
      <table>{children}</table>
    </div>
  );
}

export function Task({ done }: { done: boolean }) {
  const t = useT();
  const Icon = done ? IconSquareCheck : IconSquare;
  return (
    <span role="img" aria-label={t(done ? "markdown.task_done" : "markdown.task_open")} className={styles.task} data-done={done}>
      <Icon size={18} stroke={1.5} aria-hidden />
    </span>
  );
}

/** The number of a footnote, which leads to it. */
export function NoteLink({ id, number }: { id: string; number: number }) {
  const t = useT();
  return (
    <sup>
      <button
        type="button"
        className={styles.note}
        aria-label={t("markdown.note", { number })}
        onClick={() => {
          document.getElementById(id)?.focus();
        }}
      >
        {number}
      </button>
    </sup>
  );
}
