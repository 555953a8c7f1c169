import { NativeSelect } from "@mantine/core";
import { IconCpu, IconFileImport } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { absolute } from "@/lib/time";
import { type Key, Rich, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleButton, ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { useStaffMay } from "../session";
import { found, WANTED } from "./model";
import own from "./models.module.css";
import { modelsQuery, type Row } from "./queries";
import { Standing } from "./Standing";

export default function Models() {
  const { t } = useWords();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const owns = useStaffMay("own");
  const models = useQuery(modelsQuery());
  const columns: Column<Row>[] = [
    {
      id: "model",
      header: t("console_models.model"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <ConsoleLink to={`/models/${row.address}`}>{row.name}</ConsoleLink>
          <small>{row.id}</small>
        </span>
      ),
    },
    { id: "standing", header: t("console_models.state"), cell: (row) => <Standing row={row} /> },
    { id: "prompt", header: t("console_models.class.prompt"), numeric: true, cell: (row) => <Money value={row.prices?.prompt} /> },
    { id: "completion", header: t("console_models.class.completion"), numeric: true, cell: (row) => <Money value={row.prices?.completion} /> },
    { id: "cost", header: t("console_models.cost"), numeric: true, wideOnly: true, cell: (row) => <Cost row={row} /> },
    { id: "margin", header: t("console_models.margin"), numeric: true, cell: (row) => <Margin row={row} /> },
    { id: "next", header: t("console_models.next"), cell: (row) => <Next row={row} /> },
    { id: "cap", header: t("console_models.cap_today"), numeric: true, cell: (row) => <Cap row={row} /> },
    { id: "providers", header: t("console_models.providers"), wideOnly: true, cell: (row) => row.providers.join(", ") || "—" },
  ];
  return (
    <>
      <ConsoleHeader
        title={t("console_models.title")}
        lead={t("console_models.lead")}
        actions={
          owns && (
            <ConsoleButton to="/models/import" variant="default" leftSection={<IconFileImport size={16} stroke={1.5} aria-hidden />}>
              {t("console_models.import")}
            </ConsoleButton>
          )
        }
      />
      <div className={styles.filters}>
        <SearchField label={t("console_models.find")} />
        <NativeSelect
          label={t("console_models.state")}
          value={address.value("state")}
          data={WANTED.map((value) => ({ value, label: say(`console_models.standing.${value === "" ? "all" : value}` as Key) }))}
          onChange={(event) => {
            address.set({ state: event.currentTarget.value });
          }}
        />
      </div>
      <Result query={models} skeleton={<RowsSkeleton />}>
        {(rows) => (
          <DataTable
            label={t("console_models.title")}
            columns={columns}
            rows={found(rows, address.value("q"), address.value("state"))}
            rowKey={(row) => row.id}
            empty={
              <EmptyState icon={IconCpu} title={t(rows.length === 0 ? "console_models.none" : "console_models.none_found")}>
                {rows.length === 0 && t("console_models.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </>
  );
}

function Cost({ row }: { row: Row }) {
  if (row.cost === null) return <>—</>;
  return (
    <>
      <Money value={row.cost.prompt} /> / <Money value={row.cost.completion} />
    </>
  );
}

function Margin({ row }: { row: Row }) {
  if (row.margin_percent === null) return <>—</>;
  return <span className={row.below_cost ? own.loss : undefined}>{row.margin_percent.replace("-", "−")} %</span>;
}

function Next({ row }: { row: Row }) {
  const { tag } = useWords();
  if (row.next_price === null) return <>—</>;
  const { prices, effective_from } = row.next_price;
  return (
    <span className={styles.two}>
      <span>
        <Money value={prices.prompt} /> / <Money value={prices.completion} />
      </span>
      <small>{absolute(effective_from, tag)}</small>
    </span>
  );
}

function Cap({ row }: { row: Row }) {
  if (row.daily_cap === null) return <>—</>;
  return (
    <Rich
      k="console_models.used_of"
      values={{ used: <Money value={row.spent_today} form="short" rounding="charge" />, cap: <Money value={row.daily_cap} form="short" /> }}
    />
  );
}
