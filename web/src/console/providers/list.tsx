import { Button } from "@mantine/core";
import { IconPlus, IconPlugConnected } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { useStaffMay } from "../session";
import { AddDialog } from "./AddDialog";
import { host, rate, took } from "./model";
import { providersQuery, type Row } from "./queries";
import { KeyFact, ProviderState } from "./State";

export default function Providers() {
  const { t, tag } = useWords();
  const providers = useQuery(providersQuery());
  const mayChange = useStaffMay("own");
  const [adding, setAdding] = useState(false);
  const count = new Intl.NumberFormat(tag);
  const columns: Column<Row>[] = [
    {
      id: "name",
      header: t("console_providers.name"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <span>
            <ConsoleLink to={`/providers/${row.name}`}>{row.name}</ConsoleLink>
          </span>
          <small>{host(row.base_url)}</small>
        </span>
      ),
    },
    {
      id: "state",
      header: t("console_providers.state"),
      cell: (row) => (
        <span className={styles.badges}>
          <ProviderState row={row} />
        </span>
      ),
    },
    { id: "key", header: t("console_providers.key"), wideOnly: true, cell: (row) => <KeyFact of={row.key} /> },
    { id: "models", header: t("console_providers.models"), numeric: true, wideOnly: true, cell: (row) => count.format(row.models) },
    { id: "today", header: t("console_providers.today"), numeric: true, cell: (row) => <Against use={row.day} /> },
    { id: "month", header: t("console_providers.month"), numeric: true, cell: (row) => <Against use={row.month} /> },
    { id: "calls", header: t("console_providers.calls_hour"), numeric: true, cell: (row) => count.format(row.last_hour.calls) },
    { id: "errors", header: t("console_providers.error_rate"), numeric: true, cell: (row) => rate(row.last_hour.error_rate, tag) },
    { id: "p95", header: t("console_providers.p95"), numeric: true, cell: (row) => took(row.last_hour.total_p95, tag) },
  ];
  return (
    <>
      <ConsoleHeader
        title={t("console_providers.title")}
        lead={t("console_providers.lead")}
        actions={
          mayChange && (
            <Button
              leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
              onClick={() => {
                setAdding(true);
              }}
            >
              {t("console_providers.add")}
            </Button>
          )
        }
      />
      <Result query={providers} skeleton={<RowsSkeleton />}>
        {(rows) => (
          <DataTable
            label={t("console_providers.title")}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.name}
            empty={
              <EmptyState icon={IconPlugConnected} title={t("console_providers.none")}>
                {t("console_providers.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <AddDialog
        opened={adding}
        onClose={() => {
          setAdding(false);
        }}
      />
    </>
  );
}

function Against({ use }: { use: Row["day"] }) {
  return (
    <>
      <Money value={use.spent} form="short" rounding="charge" />
      {use.cap !== null && (
        <>
          {" / "}
          <Money value={use.cap} />
        </>
      )}
    </>
  );
}
