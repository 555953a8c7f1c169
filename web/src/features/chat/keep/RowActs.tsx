import type { ReactNode } from "react";

import { useT } from "@/locales";
import { RowButton } from "@/ui/RowButton";
import styles from "./keep.module.css";

interface RowActsProps {
  /** The name of the thing in the row. */
  of: string;
  removing: boolean;
  onEdit: () => void;
  onRemove: () => void;
  /** Stands before them. */
  children?: ReactNode;
}

/** What may be done with one thing that is kept. */
export function RowActs({ of, removing, onEdit, onRemove, children }: RowActsProps) {
  const t = useT();
  return (
    <div className={styles.acts}>
      {children}
      <RowButton of={of} onClick={onEdit}>
        {t("keep.edit")}
      </RowButton>
      <RowButton of={of} loading={removing} onClick={onRemove}>
        {t("keep.delete")}
      </RowButton>
    </div>
  );
}
