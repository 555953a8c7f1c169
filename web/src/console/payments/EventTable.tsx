import { Badge } from "@mantine/core";
import type { ReactNode } from "react";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import type { EventRow } from "./queries";

const COLORS: Readonly<Record<string, string>> = { handled: "ok", failed: "bad", ignored: "gray", unknown: "gray" };

export function EventState({ state }: { state: string }) {
  const t = useT();
  return (
    <Badge variant="light" color={COLORS[state] ?? "gray"}>
      {(t as (key: Key) => string)(`console_payments.event_${state}` as Key)}
    </Badge>
  );
}

interface EventTableProps {
  events: readonly EventRow[];
  dimmed?: boolean;
  empty?: ReactNode;
  paging?: { cursor: string; next: string | null; go: (cursor: string) => void };
}

/** What payment services told us, each with whether it had its effect. */
export function EventTable(props: EventTableProps) {
  const t = useT();
  const columns: Column<EventRow>[] = [
    {
      id: "kind",
      header: t("console_payments.kind"),
      primary: true,
      cell: (row) => <ConsoleLink to={`/payments/${row.id}`}>{row.kind}</ConsoleLink>,
    },
    {
      id: "external",
      header: t("console_payments.external"),
      cell: (row) => (
        <span className={styles.two}>
          <code>{row.external_id}</code>
          <small>
            {row.processor}
            {!row.livemode && ` · ${t("console_payments.test")}`}
          </small>
        </span>
      ),
    },
    {
      id: "state",
      header: t("console_recharges.state"),
      cell: (row) => (
        <span className={styles.badges}>
          <EventState state={row.state} />
          {row.error !== "" && <small>{row.error}</small>}
        </span>
      ),
    },
    { id: "attempts", header: t("console_payments.attempts"), numeric: true, wideOnly: true, cell: (row) => row.attempts },
    { id: "received", header: t("console_payments.received"), numeric: true, cell: (row) => <TimeAgo moment={row.received_at} /> },
  ];
  return (
    <DataTable
      label={t("console_payments.events")}
      columns={columns}
      rows={props.events}
      rowKey={(row) => row.id}
      dimmed={props.dimmed}
      empty={props.empty}
      paging={props.paging}
    />
  );
}
