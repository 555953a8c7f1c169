import { Badge } from "@mantine/core";
import { IconCash } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { type Payment, paymentsQuery } from "./queries";

/** Money that arrived, newest first, each with the order it was for. */
export function Payments() {
  const t = useT();
  const address = useAddress();
  const cursor = address.value("cursor");
  const list = useQuery({ ...paymentsQuery(address.value("q"), cursor), placeholderData: keepPreviousData });
  const columns: Column<Payment>[] = [
    {
      id: "order",
      header: t("console_recharges.reference"),
      primary: true,
      cell: (row) => <ConsoleLink to={`/recharges/${row.recharge.id}`}>{row.recharge.reference}</ConsoleLink>,
    },
    {
      id: "payment",
      header: t("console_payments.payment"),
      cell: (row) => (
        <span className={styles.two}>
          <code>{row.payment_id}</code>
          <small>{row.processor}</small>
        </span>
      ),
    },
    { id: "workspace", header: t("console_recharges.workspace"), cell: (row) => row.workspace.name },
    { id: "amount", header: t("console_recharges.amount"), numeric: true, cell: (row) => <Price value={row.amount} /> },
    { id: "credits", header: t("console_recharges.credits"), numeric: true, cell: (row) => <Money value={row.credits} /> },
    {
      id: "state",
      header: t("console_recharges.state"),
      cell: (row) => (
        <span className={styles.badges}>
          <OrderState of="order" state={row.recharge.state} />
          {row.refunded.minor > 0 && (
            <small>
              {t("console_payments.refunded")} <Price value={row.refunded} />
            </small>
          )}
          {row.disputed && (
            <Badge variant="light" color="bad">
              {t("console_payments.disputed")}
            </Badge>
          )}
        </span>
      ),
    },
    { id: "received", header: t("console_payments.received"), numeric: true, cell: (row) => <TimeAgo moment={row.received_at} /> },
  ];
  return (
    <>
      <div className={styles.filters}>
        <SearchField label={t("console_payments.search")} />
      </div>
      <Result query={list} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_payments.payments")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => `${row.processor} ${row.payment_id}`}
            dimmed={list.isPlaceholderData}
            empty={
              <EmptyState icon={IconCash} title={t("console_payments.none")}>
                {t("console_payments.none_text")}
              </EmptyState>
            }
            paging={address.paging(page.next_cursor)}
          />
        )}
      </Result>
    </>
  );
}
