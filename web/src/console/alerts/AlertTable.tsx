import { NativeSelect } from "@mantine/core";
import { IconBellCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import { alertsQuery, type Row, WANTED } from "./queries";
import { Severity } from "./Severity";

export function AlertTable() {
  const t = useT();
  const address = useAddress();
  const state = WANTED.find((one) => one === address.value("state")) ?? "current";
  const cursor = address.value("cursor");
  const alerts = useQuery(alertsQuery(state, cursor));
  const columns: Column<Row>[] = [
    {
      id: "headline",
      header: t("console_alerts.alert"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <ConsoleLink to={`/alerts/${row.id}`}>{row.headline}</ConsoleLink>
          <small>
            <code>{row.kind}</code>
          </small>
        </span>
      ),
    },
    {
      id: "severity",
      header: t("console_alerts.severity"),
      cell: (row) => (
        <span className={styles.badges}>
          <Severity alert={row} />
        </span>
      ),
    },
    { id: "since", header: t("console_alerts.since"), cell: (row) => <TimeAgo moment={row.opened_at} /> },
    { id: "last", header: t("console_alerts.last"), wideOnly: true, cell: (row) => <TimeAgo moment={row.resolved_at ?? row.last_at} /> },
    { id: "count", header: t("console_alerts.count"), numeric: true, wideOnly: true, cell: (row) => row.count },
  ];
  return (
    <>
      <div className={styles.filters}>
        <NativeSelect
          label={t("console_alerts.show")}
          value={state}
          data={WANTED.map((one) => ({ value: one, label: t(`console_alerts.show_${one}`) }))}
          onChange={(event) => {
            address.set({ state: event.currentTarget.value, cursor: "" });
          }}
        />
      </div>
      <Result query={alerts} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_alerts.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={alerts.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconBellCheck} title={t(state === "current" ? "console_alerts.none" : "console_alerts.none_here")}>
                {t("console_alerts.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </>
  );
}
