import { IconReceipt } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { type OrderRow, ordersQuery } from "@/api/payments";
import { type Key, useT } from "@/locales";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { OrderState, TestMode } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import styles from "./recharge.module.css";

/** Every attempt from the moment it existed, whatever became of it. */
export function Orders() {
  const t = useT();
  const { id } = useWorkspace();
  const address = useAddress();
  const cursor = address.value("cursor");
  const orders = useQuery(ordersQuery(id, cursor));
  const columns: Column<OrderRow>[] = [
    {
      id: "order",
      header: t("recharge.order"),
      primary: true,
      cell: (row) => (
        <span className={styles.order}>
          <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: row.id }}>
            {row.reference}
          </AnchorLink>
          {row.test_mode && <TestMode short />}
        </span>
      ),
    },
    { id: "time", header: t("overview.time"), cell: (row) => <TimeAgo moment={row.created_at} /> },
    { id: "method", header: t("recharge.by"), cell: (row) => (t as (key: Key) => string)(`recharge.channel_${row.channel}`) },
    { id: "state", header: t("usage.status"), cell: (row) => <OrderState of="order" state={row.state} /> },
    { id: "credits", header: t("order.credits"), numeric: true, cell: (row) => <Money value={row.credits} /> },
    { id: "total", header: t("recharge.total"), numeric: true, cell: (row) => <Price value={row.total} /> },
  ];
  return (
    <Section bare title={t("recharge.orders")} text={t("recharge.orders_text")}>
      <Result query={orders} skeleton={<RowsSkeleton rows={4} />}>
        {(page) => (
          <DataTable
            label={t("recharge.orders")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconReceipt} title={t("recharge.no_orders")}>
                {t("recharge.no_orders_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </Section>
  );
}
