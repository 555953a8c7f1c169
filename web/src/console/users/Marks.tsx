import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import styles from "../console.module.css";

interface MarksProps {
  role?: string | null;
  frozen?: boolean;
  disabled?: boolean;
  deleted?: boolean;
  /** What somebody still waits for: verification or approval. */
  pending?: string | null;
  owed?: boolean;
  /** Say so where nothing is unusual: in tables. */
  usual?: boolean;
}

/** What is unusual about a person or a workspace, in a word each. */
export function Marks({ role, frozen, disabled, deleted, pending, owed, usual }: MarksProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  if (usual && !role && !frozen && !disabled && !deleted && !pending && !owed) return <>{t("console_people.usual")}</>;
  return (
    <span className={styles.badges}>
      {role && (
        <Badge variant="light" color="accent">
          {say(`console.role.${role}` as Key)}
        </Badge>
      )}
      {frozen && (
        <Badge variant="light" color="bad">
          {t("console_people.frozen")}
        </Badge>
      )}
      {disabled && (
        <Badge variant="light" color="bad">
          {t("console_people.disabled")}
        </Badge>
      )}
      {deleted && (
        <Badge variant="light" color="gray">
          {t("console_people.deleted")}
        </Badge>
      )}
      {pending && (
        <Badge variant="light" color="warn">
          {say(`console_people.waits_${pending}` as Key)}
        </Badge>
      )}
      {owed && (
        <Badge variant="light" color="warn">
          {t("console_people.owes")}
        </Badge>
      )}
    </span>
  );
}
