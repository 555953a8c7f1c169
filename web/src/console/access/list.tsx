import { useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { Marks } from "../users/Marks";
import { PolicySection } from "./Policy";
import { QueuesSection } from "./Queues";
import { type Employee, queuesQuery, staffQuery } from "./queries";

export default function Access() {
  const t = useT();
  const queues = useQuery(queuesQuery);
  const staff = useQuery(staffQuery);
  return (
    <>
      <ConsoleHeader title={t("console_access.title")} lead={t("console_access.lead")} />
      <div className={styles.stack}>
        <PolicySection />
        <Result query={queues} skeleton={<RowsSkeleton />}>
          {(found) => <QueuesSection queues={found} />}
        </Result>
        <Result query={staff} skeleton={<RowsSkeleton />}>
          {(found) => <StaffSection staff={found} />}
        </Result>
      </div>
    </>
  );
}

function StaffSection({ staff }: { staff: readonly Employee[] }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const columns: Column<Employee>[] = [
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
    { id: "role", header: t("console_people.role_label"), cell: (row) => say(`console.role.${row.role}` as Key) },
    { id: "factor", header: t("console_access.factor"), cell: (row) => t(row.second_factor ? "console_people.yes" : "console_people.no") },
    { id: "state", header: t("console_people.state"), cell: (row) => <Marks usual disabled={row.disabled} /> },
    { id: "seen", header: t("console_access.seen"), cell: (row) => <TimeAgo moment={row.last_seen_at} /> },
  ];
  return (
    <Section title={t("console_access.staff")} text={t("console_access.staff_text")} bare>
      <DataTable label={t("console_access.staff")} columns={columns} rows={staff} rowKey={(row) => row.id} />
    </Section>
  );
}
