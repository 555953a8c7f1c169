import { Badge } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { useAddress } from "@/ui/useAddress";
import shared from "../console.module.css";
import { SearchField } from "../SearchField";
import { type Setting, settingsQuery } from "./queries";
import styles from "./system.module.css";

/** Every setting in force, and where it comes from. They are changed where Omna is started, not here. */
export function Settings() {
  const t = useT();
  const sought = useAddress().value("q").toLowerCase();
  const settings = useQuery(settingsQuery);
  const columns: Column<Setting>[] = [
    { id: "name", header: t("console_system.setting"), primary: true, cell: (row) => <code className={styles.name}>{row.name}</code> },
    {
      id: "value",
      header: t("console_system.value"),
      cell: (row) =>
        row.secret ? (
          <Badge variant="light" color="gray">
            {row.value === "" ? t("console_system.secret_unset") : t("console_system.secret_set")}
          </Badge>
        ) : row.value === "" ? (
          "—"
        ) : (
          <code className={styles.name}>{row.value}</code>
        ),
    },
    {
      id: "source",
      header: t("console_system.source"),
      cell: (row) => (row.source === "default" ? t("console_system.source_default") : <b>{t(`console_system.source_${row.source}`)}</b>),
    },
  ];
  return (
    <>
      <p className={styles.note}>{t("console_system.settings_text")}</p>
      <div className={shared.filters}>
        <SearchField label={t("console_system.find_setting")} />
      </div>
      <Result query={settings} skeleton={<RowsSkeleton />}>
        {(rows) => (
          <DataTable
            label={t("console_system.tab_settings")}
            columns={columns}
            rows={rows.filter((row) => row.name.toLowerCase().includes(sought) || row.value.toLowerCase().includes(sought))}
            rowKey={(row) => row.name}
            empty={<p className={styles.note}>{t("console_system.no_setting")}</p>}
          />
        )}
      </Result>
    </>
  );
}
