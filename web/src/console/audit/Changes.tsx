import { VisuallyHidden } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";

import { useT } from "@/locales";
import styles from "./audit.module.css";
import { changesOf } from "./model";
import type { Row } from "./queries";

/** Before → after, field by field; only what changed. */
export function Changes({ row }: { row: Pick<Row, "before" | "after"> }) {
  const t = useT();
  return (
    <dl className={styles.changes}>
      {changesOf(row).map(({ name, before, after }) => (
        <div key={name}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>
            {before !== undefined && (
              <del>
                <VisuallyHidden>{t("console_audit.before")} </VisuallyHidden>
                <code>{before}</code>
              </del>
            )}
            {before !== undefined && <IconArrowRight size={14} stroke={1.5} aria-hidden />}
            {after === undefined ? (
              <span>{t("console_audit.gone")}</span>
            ) : (
              <ins>
                <VisuallyHidden>{t("console_audit.after")} </VisuallyHidden>
                <code>{after}</code>
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The same, folded up in a row of a list. */
export function FoldedChanges({ row }: { row: Row }) {
  const t = useT();
  const count = changesOf(row).length;
  if (count === 0) return <>—</>;
  return (
    <details className={styles.more}>
      <summary>
        {t("console_audit.changes", { count })}
        <VisuallyHidden> {t("console_audit.of_row", { row: String(row.seq) })}</VisuallyHidden>
      </summary>
      <Changes row={row} />
    </details>
  );
}
