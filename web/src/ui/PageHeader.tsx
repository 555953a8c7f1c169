import { type ReactNode, useEffect } from "react";

import styles from "./PageHeader.module.css";
import { useWorkspaceName } from "./workspace";

interface PageHeaderProps {
  /** The one h1, and the first half of the document's title. */
  title: string;
  /** One quiet sentence. */
  lead?: ReactNode;
  /** What the document's title ends with; else the workspace. */
  place?: string;
  /** The page's primary action, to the right. */
  actions?: ReactNode;
}

export function PageHeader({ title, lead, place, actions }: PageHeaderProps) {
  const workspace = useWorkspaceName();
  const end = place ?? workspace;
  useEffect(() => {
    document.title = [title, end].filter((part) => part !== "").join(" · ");
  }, [title, end]);
  return (
    <div className={styles.header}>
      <div className={styles.words}>
        <h1>{title}</h1>
        {lead && <p className={styles.lead}>{lead}</p>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
