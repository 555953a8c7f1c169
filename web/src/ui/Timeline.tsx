import type { ReactNode } from "react";

import { TimeAgo } from "./TimeAgo";
import styles from "./Timeline.module.css";

export interface TimelineItem {
  key: string;
  at: string | null;
  title: ReactNode;
  /** Who did it. */
  by?: ReactNode;
  note?: ReactNode;
  /** Not reached yet. */
  ahead?: boolean;
}

/** What happened, in the order it is given. */
export function Timeline({ items, label }: { items: readonly TimelineItem[]; label: string }) {
  return (
    <ol className={styles.line} aria-label={label}>
      {items.map((item) => (
        <li key={item.key} className={styles.item} data-ahead={item.ahead ?? false}>
          <div className={styles.head}>
            <span className={styles.title}>{item.title}</span>
            <span className={styles.when}>
              {item.at !== null && <TimeAgo moment={item.at} />}
              {item.by !== undefined && <> · {item.by}</>}
            </span>
          </div>
          {item.note && <p className={styles.note}>{item.note}</p>}
        </li>
      ))}
    </ol>
  );
}
