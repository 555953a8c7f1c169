import { Button, Menu, NativeSelect } from "@mantine/core";
import { IconPlus, IconScale } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { typedPrice } from "@/lib/price";
import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { useStaffMay } from "../session";
import { Flag } from "./Flag";
import { disputesQuery, type Row, useEnter, type Wanted, WANTED } from "./queries";

const BEGINNINGS = ["open", "inquiry", "lost"] as const;

export default function Disputes() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const asked = address.value("state");
  const state: Wanted = WANTED.find((one) => one === asked) ?? "todo";
  const cursor = address.value("cursor");
  const disputes = useQuery(disputesQuery(state, cursor));
  const columns: Column<Row>[] = [
    {
      id: "recharge",
      header: t("console_disputes.recharge"),
      primary: true,
      cell: (row) => (
        <ConsoleLink to={`/disputes/${row.id}`}>
          <code>{row.recharge.reference}</code>
        </ConsoleLink>
      ),
    },
    {
      id: "state",
      header: t("console_disputes.state"),
      cell: (row) => (
        <>
          <OrderState of="dispute" state={row.state} /> <Flag flag={row.flag} owed={row.answer_owed} />
        </>
      ),
    },
    { id: "workspace", header: t("console_disputes.workspace"), cell: (row) => row.workspace.name },
    { id: "amount", header: t("console_disputes.amount"), numeric: true, cell: (row) => <Price value={row.amount} /> },
    { id: "clawed", header: t("console_disputes.clawed"), numeric: true, cell: (row) => <Money value={row.clawed} /> },
    { id: "due", header: t("console_disputes.due"), cell: (row) => <TimeAgo moment={row.evidence_due} /> },
    { id: "opened", header: t("console_disputes.opened"), cell: (row) => <TimeAgo moment={row.opened_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_disputes.title")} lead={t("console_disputes.lead")} actions={<Enter />} />
      <div className={styles.filters}>
        <NativeSelect
          label={t("console_disputes.show")}
          value={state}
          data={WANTED.map((one) => ({
            value: one,
            label: say((one === "todo" || one === "all" ? `console_disputes.show_${one}` : `dispute.state_${one}`) as Key),
          }))}
          onChange={(event) => {
            address.set({ state: event.currentTarget.value, cursor: "" });
          }}
        />
      </div>
      <Result query={disputes} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_disputes.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={disputes.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconScale} title={t("console_disputes.none")}>
                {t("console_disputes.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </>
  );
}

/** A bank wrote about a payment by hand: what it wrote decides what is booked. */
function Enter() {
  const t = useT();
  const say = t as (key: Key) => string;
  const enter = useEnter();
  const may = useStaffMay("money");
  const [state, setState] = useState<(typeof BEGINNINGS)[number] | null>(null);
  if (!may) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}>{t("console_disputes.enter")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {BEGINNINGS.map((one) => (
            <Menu.Item
              key={one}
              onClick={() => {
                setState(one);
              }}
            >
              {say(`console_disputes.enter_${one}` as Key)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ActDialog
        opened={state !== null}
        onClose={() => {
          setState(null);
        }}
        title={t("console_disputes.enter_title")}
        verb={t("console_disputes.enter")}
        danger={state !== "inquiry"}
        fields={[
          { name: "recharge_id", label: t("console_disputes.recharge_id"), description: t("console_disputes.recharge_id_hint") },
          { name: "amount_typed", label: t("console_disputes.amount_typed"), description: t("console_disputes.amount_typed_hint"), amount: true },
        ]}
        onConfirm={(values) =>
          enter({
            recharge_id: values.recharge_id ?? "",
            state: state ?? "inquiry",
            amount_typed: typedPrice(values.amount_typed),
            reason: values.reason ?? "",
          })
        }
        done={t("console_disputes.entered")}
      >
        {state !== null && say(`console_disputes.enter_${state}_text` as Key)}
      </ActDialog>
    </>
  );
}
