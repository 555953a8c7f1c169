import { Badge, Select } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { type Key, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { OrderState, TestMode } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { waited } from "../waiting";
import { listQuery, type Row } from "./queries";
import { flagWord } from "./words";

/** Without one: what waits for a review. */
const STATES = ["", "flagged", "needs_information", "awaiting_proof", "awaiting_payment", "credited", "rejected", "duplicate", "cancelled", "expired", "failed", "reversed", "all"] as const;

export default function RechargeList() {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const filters = { state: address.value("state"), q: address.value("q"), cursor: address.value("cursor") };
  const list = useQuery({ ...listQuery(filters), placeholderData: keepPreviousData });
  const waits = filters.state === "" && filters.q === "";
  const columns: Column<Row>[] = [
    {
      id: "reference",
      header: t("console_recharges.reference"),
      primary: true,
      cell: (row) => <ConsoleLink to={`/recharges/${row.id}`}>{row.reference}</ConsoleLink>,
    },
    {
      id: "workspace",
      header: t("console_recharges.customer"),
      cell: (row) => (
        <span className={styles.two}>
          <span>{row.workspace.name}</span>
          {row.email && <small>{row.email}</small>}
        </span>
      ),
    },
    { id: "total", header: t("console_recharges.amount"), numeric: true, cell: (row) => <Price value={row.total} /> },
    { id: "credits", header: t("console_recharges.credits"), numeric: true, wideOnly: true, cell: (row) => <Money value={row.credits} /> },
    {
      id: "state",
      header: t("console_recharges.state"),
      cell: (row) => (
        <span className={styles.badges}>
          <OrderState of="order" state={row.state} />
          {row.test_mode && <TestMode />}
          {row.flag !== "" && (
            <Badge variant="light" color="warn">
              {flagWord(row.flag, say)}
            </Badge>
          )}
          {row.lock && <small>{t("console_recharges.in_review_by", { name: row.lock.name })}</small>}
          {row.first_approver && <small>{t("console_recharges.approved_once", { name: row.first_approver.name })}</small>}
        </span>
      ),
    },
    waits
      ? {
          id: "waiting",
          header: t("console_recharges.waiting"),
          numeric: true,
          cell: (row) => (row.waiting_seconds === null ? "—" : waited(row.waiting_seconds, tag)),
        }
      : { id: "created", header: t("console_recharges.created"), numeric: true, cell: (row) => <TimeAgo moment={row.created_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_recharges.title")} lead={t("console_recharges.lead")} />
      <div className={styles.filters}>
        <SearchField label={t("console_recharges.search")} />
        <Select
          label={t("console_recharges.state")}
          value={filters.state}
          allowDeselect={false}
          data={STATES.map((state) => ({ value: state, label: stateWord(state, say) }))}
          onChange={(state) => {
            address.set({ state: state ?? "", cursor: "" });
          }}
        />
      </div>
      <Result query={list} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_recharges.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={list.isPlaceholderData}
            empty={
              <EmptyState icon={IconInbox} title={waits ? t("console_recharges.done") : t("console_recharges.none")}>
                {waits ? t("console_recharges.done_text") : t("console_recharges.none_text")}
              </EmptyState>
            }
            paging={address.paging(page.next_cursor)}
          />
        )}
      </Result>
    </>
  );
}

function stateWord(state: (typeof STATES)[number], say: (key: Key) => string): string {
  return state === "" || state === "all" || state === "flagged" ? say(`console_recharges.state_${state || "review"}` as Key) : say(`order.state_${state}` as Key);
}
