import { SegmentedControl, VisuallyHidden } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { AnchorLink } from "@/ui/links";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { STATES } from "./model";
import { type TicketRow, ticketsQuery } from "./queries";
import { StateBadge } from "./StateBadge";
import styles from "./support.module.css";

/** The list, the last changed first. */
export function Requests() {
  const t = useT();
  const say = t as (key: Key) => string;
  const { id } = useWorkspace();
  const address = useAddress();
  const state = address.value("state");
  const cursor = address.value("cursor");
  const tickets = useQuery({ ...ticketsQuery(id, state, cursor), placeholderData: keepPreviousData });
  const columns: Column<TicketRow>[] = [
    {
      id: "subject",
      header: t("support.subject"),
      primary: true,
      cell: (row) => (
        <span className={styles.subject}>
          {row.unread && (
            <>
              <span className={styles.dot} aria-hidden />
              <VisuallyHidden>{t("support.unread")}</VisuallyHidden>
            </>
          )}
          <AnchorLink to="/w/$ws/support/$ticket" params={{ ws: id, ticket: row.id }} fw={row.unread ? 600 : 500}>
            {row.subject}
          </AnchorLink>
        </span>
      ),
    },
    { id: "category", header: t("support.category"), cell: (row) => say(`support.category_${row.category}` as Key) },
    { id: "state", header: t("support.state"), cell: (row) => <StateBadge state={row.state} /> },
    { id: "updated", header: t("support.updated"), cell: (row) => <TimeAgo moment={row.updated_at} /> },
  ];
  return (
    <div className={styles.stack}>
      <SegmentedControl
        className={styles.states}
        aria-label={t("support.state")}
        value={state}
        onChange={(value) => {
          address.set({ state: value, cursor: "" });
        }}
        data={[{ value: "", label: t("support.all") }, ...STATES.map((value) => ({ value, label: say(`support.state_${value}` as Key) }))]}
      />
      <Result query={tickets} skeleton={<RowsSkeleton rows={4} />}>
        {(page) => (
          <DataTable
            label={t("support.requests")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={tickets.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              state === "" ? (
                <EmptyState icon={IconLifebuoy} title={t("support.none")}>
                  {t("support.none_text")}
                </EmptyState>
              ) : (
                <EmptyState title={t("support.none_here")} />
              )
            }
          />
        )}
      </Result>
    </div>
  );
}
