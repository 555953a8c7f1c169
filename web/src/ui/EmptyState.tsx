import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

import styles from "./states.module.css";

/** What this is, why it is empty, one action. */
export function EmptyState({ icon: Picture, title, children, action }: { icon?: Icon; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {Picture && <Picture size={28} stroke={1.5} aria-hidden className={styles.picture} />}
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
