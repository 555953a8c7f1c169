import { NativeSelect } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
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
import { Marks } from "./Marks";
import { type Row, SHOWN, type Shown, usersQuery } from "./queries";

export default function Users() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const asked = address.value("show");
  const show: Shown = SHOWN.find((one) => one === asked) ?? "all";
  const cursor = address.value("cursor");
  const users = useQuery(usersQuery(show, address.value("q"), cursor));
  const columns: Column<Row>[] = [
    {
      id: "email",
      header: t("console_people.person"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <ConsoleLink to={`/users/${row.id}`}>{row.email}</ConsoleLink>
          <small>{row.name}</small>
        </span>
      ),
    },
    {
      id: "state",
      header: t("console_people.state"),
      cell: (row) => (
        <Marks
          usual
          role={row.staff_role}
          frozen={row.frozen || row.workspace_frozen}
          disabled={row.disabled}
          pending={row.verified ? (row.approved ? null : "approval") : "verification"}
          owed={row.owed !== "0"}
        />
      ),
    },
    { id: "available", header: t("console_people.available"), numeric: true, cell: (row) => <Money value={row.available} /> },
    { id: "seen", header: t("console_people.seen"), wideOnly: true, cell: (row) => <TimeAgo moment={row.last_seen_at} /> },
    { id: "since", header: t("console_people.since"), cell: (row) => <TimeAgo moment={row.created_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_people.users")} lead={t("console_people.users_lead")} />
      <div className={styles.filters}>
        <SearchField label={t("console_people.search_users")} />
        <NativeSelect
          label={t("console_people.show")}
          value={show}
          data={SHOWN.map((one) => ({ value: one, label: say(`console_people.show_${one}` as Key) }))}
          onChange={(event) => {
            address.set({ show: event.currentTarget.value, cursor: "" });
          }}
        />
      </div>
      <Result query={users} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_people.users")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={users.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={<EmptyState icon={IconUsers} title={t("console_people.nobody")} />}
          />
        )}
      </Result>
    </>
  );
}
