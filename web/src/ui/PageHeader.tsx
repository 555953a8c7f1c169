import { type ReactNode, useEffect } from "react";

import styles from "./PageHeader.module.css";
import { useWorkspaceName } from "./workspace";

interface PageHeaderProps {
  /** The one h1, and the first half of the document's title. */
  title: string;
  /** One quiet sentence. */
  lead?: ReactNode;
  /** The page's primary action, to the right. */
  actions?: ReactNode;
}

export function PageHeader({ title, lead, actions }: PageHeaderProps) {
  const workspace = useWorkspaceName();
  useEffect(() => {
    document.title = [title, workspace].filter((part) => part !== "").join(" · ");
  }, [title, workspace]);
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
