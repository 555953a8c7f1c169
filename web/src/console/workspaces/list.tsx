import { NativeSelect } from "@mantine/core";
import { IconBuilding } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { Marks } from "../users/Marks";
import { type Row, SHOWN, type Shown, workspacesQuery } from "./queries";

export default function Workspaces() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const asked = address.value("show");
  const show: Shown = SHOWN.find((one) => one === asked) ?? "all";
  const cursor = address.value("cursor");
  const workspaces = useQuery(workspacesQuery(show, address.value("q"), cursor));
  const columns: Column<Row>[] = [
    {
      id: "name",
      header: t("console_people.workspace"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <ConsoleLink to={`/workspaces/${row.id}`}>{row.name}</ConsoleLink>
          <small>{row.owner_email ?? "—"}</small>
        </span>
      ),
    },
    { id: "state", header: t("console_people.state"), cell: (row) => <Marks usual frozen={row.frozen} pending={row.pending} owed={row.owed !== "0"} /> },
    { id: "kind", header: t("console_people.kind"), wideOnly: true, cell: (row) => say(`console_people.kind_${row.kind}` as Key) },
    { id: "members", header: t("console_people.members"), numeric: true, wideOnly: true, cell: (row) => row.members },
    { id: "available", header: t("console_people.available"), numeric: true, cell: (row) => <Money value={row.available} /> },
    { id: "today", header: t("console_people.spent_today"), numeric: true, cell: (row) => <Money value={row.spent_today} /> },
    { id: "since", header: t("console_people.since"), cell: (row) => <TimeAgo moment={row.created_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_people.workspaces")} lead={t("console_people.workspaces_lead")} />
      <div className={styles.filters}>
        <SearchField label={t("console_people.search_workspaces")} />
        <NativeSelect
          label={t("console_people.show")}
          value={show}
          data={SHOWN.map((one) => ({ value: one, label: say(`console_people.show_${one}` as Key) }))}
          onChange={(event) => {
            address.set({ show: event.currentTarget.value, cursor: "" });
          }}
        />
      </div>
      <Result query={workspaces} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_people.workspaces")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={workspaces.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={<EmptyState icon={IconBuilding} title={t("console_people.nothing")} />}
          />
        )}
      </Result>
    </>
  );
}
