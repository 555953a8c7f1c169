import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import styles from "../console.module.css";
import type { Row } from "./queries";

const COLORS: Record<Row["standing"], string> = { on_sale: "ok", hidden: "gray", deprecated: "warn", retired: "bad", off: "gray", no_price: "warn" };

/** Where a model stands, and what is wrong about its price. */
export function Standing({ row }: { row: Row }) {
  const t = useT();
  const say = t as (key: Key) => string;
  return (
    <span className={styles.badges}>
      <Badge color={COLORS[row.standing]}>{say(`console_models.standing.${row.standing}` as Key)}</Badge>
      {row.hidden && row.standing !== "hidden" && <Badge color="gray">{t("console_models.standing.hidden")}</Badge>}
      {row.free && <Badge color="gray">{t("console_models.is_free")}</Badge>}
      {row.below_cost && <Badge color="bad">{t("console_models.below_cost")}</Badge>}
    </span>
  );
}
