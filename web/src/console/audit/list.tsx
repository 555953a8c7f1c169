import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import own from "./audit.module.css";
import { Chains } from "./Chains";
import { FoldedChanges } from "./Changes";
import { Filters, useFilters } from "./Filters";
import { beginExport, exportAddress, type Row, rowsQuery } from "./queries";
import { SubjectOf, Who } from "./Who";

/** Who did what, newest first, and whether all of it is still what was written. */
export default function AuditLog() {
  const t = useT();
  const address = useAddress();
  const filters = useFilters();
  const cursor = address.value("cursor");
  const [exporting, setExporting] = useState(false);
  const rows = useQuery(rowsQuery(filters, cursor));
  const columns: Column<Row>[] = [
    {
      id: "action",
      header: t("console_audit.action"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <ConsoleLink to={`/audit/${row.seq}`} className={own.action}>
            {row.action}
          </ConsoleLink>
          <small>#{row.seq}</small>
        </span>
      ),
    },
    { id: "who", header: t("console_audit.who"), cell: (row) => <Who row={row} /> },
    { id: "subject", header: t("console_audit.subject"), cell: (row) => <SubjectOf row={row} /> },
    {
      id: "changes",
      header: t("console_audit.changed"),
      cell: (row) => (
        <span className={styles.two}>
          <FoldedChanges row={row} />
          {row.reason !== "" && <small>{row.reason}</small>}
        </span>
      ),
    },
    { id: "address", header: t("console_audit.address"), wideOnly: true, cell: (row) => row.address || "—" },
    { id: "at", header: t("console_audit.at"), numeric: true, cell: (row) => <TimeAgo moment={row.at} /> },
  ];
  return (
    <>
      <ConsoleHeader
        title={t("console_audit.title")}
        lead={t("console_audit.lead")}
        actions={
          <Button
            variant="default"
            onClick={() => {
              setExporting(true);
            }}
          >
            {t("console_audit.export")}
          </Button>
        }
      />
      <Chains />
      <Filters />
      <Result query={rows} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_audit.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => String(row.seq)}
            dimmed={rows.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconHistory} title={page.next_cursor === null ? t("console_audit.none") : t("console_audit.none_here")}>
                {page.next_cursor === null ? t("console_audit.none_text") : t("console_audit.none_here_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <ActDialog
        opened={exporting}
        onClose={() => {
          setExporting(false);
        }}
        title={t("console_audit.export_title")}
        verb={t("console_audit.export")}
        onConfirm={async ({ reason = "" }) => {
          const answer = await beginExport(filters, reason);
          location.assign(exportAddress(answer.audit_seq));
          return answer;
        }}
        done={t("console_audit.exported")}
      >
        {t("console_audit.export_text")}
      </ActDialog>
    </>
  );
}
