import { VisuallyHidden } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { Link } from "@/ui/links";
import styles from "./alerts.module.css";
import { summaryQuery } from "./queries";

/** How many alerts nobody has acknowledged, on every page of the console. Nothing is drawn while there are none. */
export function Bell() {
  const t = useT();
  const { data } = useQuery(summaryQuery);
  const count = data === undefined ? 0 : data.critical + data.warning;
  if (data === undefined || count === 0) return null;
  return (
    <Link to={"/alerts" as "/"} className={data.critical > 0 ? `${styles.bell} ${styles.critical}` : styles.bell}>
      <IconBell size={18} stroke={1.5} aria-hidden />
      {count}
      <VisuallyHidden>{t("console_alerts.bell", { count })}</VisuallyHidden>
    </Link>
  );
}
