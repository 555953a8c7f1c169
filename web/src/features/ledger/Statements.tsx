import { Button, Group } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Schemas } from "@/api/client";
import { parse, plain } from "@/lib/money";
import { useT, useWords } from "@/locales";
import { DataTable, type Column } from "@/ui/DataTable";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { useWorkspace } from "@/ui/workspace";
import { Figure } from "./Figure";
import styles from "./ledger.module.css";
import { places } from "./model";
import { monthsQuery } from "./queries";

type Month = Schemas["MonthRow"];

const AT_FIRST = 6;

/** One statement a month: opening + lines = closing, to print or to keep. */
export function Statements() {
  const t = useT();
  const workspace = useWorkspace();
  const months = useQuery(monthsQuery(workspace.id));
  if (months.data?.length === 0) return null;
  return (
    <section className={styles.section} aria-labelledby="statements">
      <div>
        <h2 id="statements">{t("ledger.statements")}</h2>
        <p className={styles.note}>{t("ledger.statements_text")}</p>
      </div>
      <Result query={months} skeleton={<RowsSkeleton rows={2} />}>
        {(rows) => <Months rows={rows} />}
      </Result>
    </section>
  );
}

function Months({ rows }: { rows: readonly Month[] }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const [all, setAll] = useState(false);
  const name = (month: string) =>
    new Intl.DateTimeFormat(tag, { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`));
  const most = (amount: (row: Month) => string) => Math.max(2, ...rows.map((row) => places(amount(row))));
  const present = new Date().toISOString().slice(0, 7);
  const columns: Column<Month>[] = [
    {
      id: "month",
      header: t("ledger.month"),
      primary: true,
      cell: (row) => (
        <>
          {name(row.month)}
          {row.month === present && <small className={styles.sofar}>{t("ledger.so_far")}</small>}
        </>
      ),
    },
    { id: "opening", header: t("ledger.opening"), numeric: true, cell: (row) => <Figure value={row.opening} to={most((one) => one.opening)} /> },
    {
      id: "change",
      header: t("ledger.change"),
      numeric: true,
      cell: (row) => <Figure value={plain(parse(row.closing) - parse(row.opening))} to={most((one) => plain(parse(one.closing) - parse(one.opening)))} signed />,
    },
    { id: "closing", header: t("ledger.closing"), numeric: true, cell: (row) => <Figure value={row.closing} to={most((one) => one.closing)} /> },
    {
      id: "files",
      header: t("ledger.download"),
      action: true,
      cell: (row) => (
        <Group gap={8} justify="flex-end" wrap="nowrap">
          {(["pdf", "csv"] as const).map((format) => (
            <Button
              key={format}
              component="a"
              variant="default"
              size="compact-sm"
              download
              href={`/api/workspaces/${id}/ledger/statements/${row.month}?format=${format}`}
              leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
            >
              {format.toUpperCase()}
              <span className="visually-hidden"> {name(row.month)}</span>
            </Button>
          ))}
        </Group>
      ),
    },
  ];
  return (
    <>
      <DataTable label={t("ledger.statements")} columns={columns} rows={all ? rows : rows.slice(0, AT_FIRST)} rowKey={(row) => row.month} />
      {!all && rows.length > AT_FIRST && (
        <div>
          <Button
            variant="subtle"
            onClick={() => {
              setAll(true);
            }}
          >
            {t("ledger.all_months", { count: rows.length })}
          </Button>
        </div>
      )}
    </>
  );
}
