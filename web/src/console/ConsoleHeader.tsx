import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useT } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import styles from "./console.module.css";
import { ConsoleLink } from "./links";

interface ConsoleHeaderProps {
  title: string;
  lead?: ReactNode;
  /** The state of a detail, beside its facts: a badge. */
  mark?: ReactNode;
  actions?: ReactNode;
  /** A detail leads back to its list. */
  back?: { to: string; search?: Record<string, string>; label: string };
}

/** The head of a page of the console: the one h1, and for a detail the way back. */
export function ConsoleHeader({ title, lead, mark, actions, back }: ConsoleHeaderProps) {
  const t = useT();
  return (
    <div className={styles.header}>
      {back && (
        <ConsoleLink to={back.to} search={back.search} className={styles.back}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden />
          {back.label}
        </ConsoleLink>
      )}
      <PageHeader
        title={title}
        place={t("console.name")}
        lead={
          mark ? (
            <span className={styles.mark}>
              {mark}
              {lead}
            </span>
          ) : (
            lead
          )
        }
        actions={actions}
      />
    </div>
  );
}

/** A detail: what is read to the left, what is done and what happened to the right; one column on phones. */
export function DetailColumns({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>{children}</div>
      <div className={styles.stack}>{side}</div>
    </div>
  );
}
