import { Badge } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { type Trouble, troubleOf } from "./model";
import { type Job, systemQuery } from "./queries";

const COLORS: Readonly<Record<Trouble, string>> = { failing: "bad", overdue: "warn", running: "accent", fine: "ok" };

/** Every periodic job, those in trouble first. */
export function Jobs() {
  const t = useT();
  const system = useQuery(systemQuery);
  const columns: Column<Job>[] = [
    {
      id: "name",
      header: t("console_system.job"),
      primary: true,
      cell: (job) => (
        <span className={styles.two}>
          <b>{job.name}</b>
          <small>{job.cron}</small>
        </span>
      ),
    },
    {
      id: "state",
      header: t("console_system.state"),
      cell: (job) => (
        <span className={styles.badges}>
          <Badge variant="light" color={COLORS[troubleOf(job)]}>
            {t(`console_system.job_${troubleOf(job)}`)}
          </Badge>
          {job.failures > 0 && <small>{t("console_system.in_a_row", { count: job.failures })}</small>}
        </span>
      ),
    },
    { id: "last", header: t("console_system.last_run"), cell: (job) => <TimeAgo moment={job.last_run} /> },
    { id: "next", header: t("console_system.next_run"), cell: (job) => <TimeAgo moment={job.next_run} /> },
    {
      id: "failed",
      header: t("console_system.last_failure"),
      cell: (job) =>
        job.failed_at === null ? (
          "—"
        ) : (
          <span className={styles.two}>
            <TimeAgo moment={job.failed_at} />
            <small>{job.error}</small>
          </span>
        ),
    },
  ];
  return (
    <Result query={system} skeleton={<RowsSkeleton />}>
      {(data) => (
        <DataTable
          label={t("console_system.jobs")}
          columns={columns}
          rows={data.jobs}
          rowKey={(job) => job.name}
          empty={
            <EmptyState icon={IconClock} title={t("console_system.no_worker")}>
              {t("console_system.no_worker_text")}
            </EmptyState>
          }
        />
      )}
    </Result>
  );
}
