import { Select } from "@mantine/core";
import { IconWebhook } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { SearchField } from "../SearchField";
import { EventTable } from "./EventTable";
import { eventsQuery, type Refused, refusedQuery } from "./queries";

const STATES = ["", "failed", "handled", "ignored", "unknown"] as const;

/** The inbox of webhooks; below, what was turned away at the door. */
export function Events() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const filters = { state: address.value("state"), q: address.value("q"), cursor: address.value("cursor") };
  const list = useQuery({ ...eventsQuery(filters), placeholderData: keepPreviousData });
  return (
    <div className={styles.stack}>
      <div>
        <div className={styles.filters}>
          <SearchField label={t("console_payments.search_events")} />
          <Select
            label={t("console_recharges.state")}
            value={filters.state}
            allowDeselect={false}
            data={STATES.map((state) => ({ value: state, label: say(`console_payments.event_${state === "" ? "all" : state}` as Key) }))}
            onChange={(state) => {
              address.set({ state: state ?? "", cursor: "" });
            }}
          />
        </div>
        <Result query={list} skeleton={<RowsSkeleton />}>
          {(page) => (
            <EventTable
              events={page.items}
              dimmed={list.isPlaceholderData}
              empty={
                <EmptyState icon={IconWebhook} title={t("console_payments.no_events")}>
                  {t("console_payments.no_events_text")}
                </EmptyState>
              }
              paging={{
                cursor: filters.cursor,
                next: page.next_cursor,
                go: (cursor) => {
                  address.set({ cursor });
                },
              }}
            />
          )}
        </Result>
      </div>
      <Section title={t("console_payments.refused")} text={t("console_payments.refused_text")} bare>
        <RefusedTable />
      </Section>
    </div>
  );
}

function RefusedTable() {
  const t = useT();
  const refused = useQuery(refusedQuery);
  const columns: Column<Refused>[] = [
    { id: "day", header: t("console_payments.day"), primary: true, cell: (row) => row.day },
    { id: "processor", header: t("console_payments.processor"), cell: (row) => row.processor },
    { id: "cause", header: t("console_payments.cause"), cell: (row) => (t as (key: Key) => string)(`console_payments.cause_${row.cause}` as Key) },
    { id: "count", header: t("console_payments.count"), numeric: true, cell: (row) => row.count },
    { id: "last", header: t("console_payments.last"), numeric: true, cell: (row) => <TimeAgo moment={row.last_at} /> },
  ];
  return (
    <Result query={refused} skeleton={<RowsSkeleton />}>
      {(rows) => (
        <DataTable
          label={t("console_payments.refused")}
          columns={columns}
          rows={rows}
          rowKey={(row) => `${row.day} ${row.processor} ${row.cause}`}
          empty={<EmptyState title={t("console_payments.none_refused")} />}
        />
      )}
    </Result>
  );
}
