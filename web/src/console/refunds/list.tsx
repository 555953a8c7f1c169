import { NativeSelect } from "@mantine/core";
import { IconReceiptRefund } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { Flag } from "./Flag";
import { refundsQuery, type Row, type Wanted, WANTED } from "./queries";

export default function Refunds() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const asked = address.value("state");
  const state: Wanted = WANTED.find((one) => one === asked) ?? "todo";
  const cursor = address.value("cursor");
  const refunds = useQuery(refundsQuery(state, cursor));
  const columns: Column<Row>[] = [
    {
      id: "recharge",
      header: t("console_refunds.recharge"),
      primary: true,
      cell: (row) => (
        <ConsoleLink to={`/refunds/${row.id}`}>
          <code>{row.recharge.reference}</code>
        </ConsoleLink>
      ),
    },
    {
      id: "state",
      header: t("console_refunds.state"),
      cell: (row) => (
        <>
          <OrderState of="refund" state={row.state} /> <Flag flag={row.flag} />
        </>
      ),
    },
    { id: "kind", header: t("console_refunds.kind"), cell: (row) => say(`console_refunds.kind_${row.kind}` as Key) },
    { id: "workspace", header: t("console_refunds.workspace"), cell: (row) => row.workspace.name },
    { id: "email", header: t("console_refunds.email"), wideOnly: true, cell: (row) => row.email ?? "—" },
    { id: "credits", header: t("console_refunds.credits"), numeric: true, cell: (row) => <Money value={row.approved_credits ?? row.credits} /> },
    { id: "lock", header: t("console_refunds.reviewer"), wideOnly: true, cell: (row) => row.lock?.name ?? row.first_approver?.name ?? "—" },
    { id: "asked", header: t("console_refunds.asked"), cell: (row) => <TimeAgo moment={row.created_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_refunds.title")} lead={t("console_refunds.lead")} />
      <div className={styles.filters}>
        <NativeSelect
          label={t("console_refunds.show")}
          value={state}
          data={WANTED.map((one) => ({ value: one, label: say(`console_refunds.show_${one}` as Key) }))}
          onChange={(event) => {
            address.set({ state: event.currentTarget.value, cursor: "" });
          }}
        />
      </div>
      <Result query={refunds} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_refunds.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={refunds.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconReceiptRefund} title={t(state === "todo" ? "console_refunds.none" : "console_refunds.none_here")}>
                {t("console_refunds.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </>
  );
}
