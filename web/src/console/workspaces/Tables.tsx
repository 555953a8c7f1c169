import { useEffect, useRef } from "react";

import { type Key, useT, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import { Marks } from "../users/Marks";
import type { Detail, Key as ApiKey } from "./queries";

type Of<Name extends "keys" | "members" | "running" | "orders" | "refunds" | "disputes" | "requests"> = Detail[Name][number];

interface TableProps<Row> {
  title: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** The row that a search led to. */
  sought?: string;
}

function Table<Row>({ title, columns, rows, rowKey, sought = "" }: TableProps<Row>) {
  const t = useT();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (sought !== "") place.current?.querySelector("[data-mark=sought]")?.scrollIntoView({ block: "center" });
  }, [sought]);
  return (
    <Section title={title} bare>
      <div ref={place} className={styles.sought}>
        <DataTable
          label={title}
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          mark={(row) => (rowKey(row) === sought ? "sought" : undefined)}
          empty={<p className={styles.none}>{t("console_people.none")}</p>}
        />
      </div>
    </Section>
  );
}

export function Keys({ keys, onRevoke }: { keys: readonly ApiKey[]; onRevoke?: ((key: ApiKey) => void) | undefined }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const sought = useAddress().value("key");
  const columns: Column<ApiKey>[] = [
    {
      id: "name",
      header: t("console_people.key"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          {row.name}
          <small>
            <code>{row.label}</code>
          </small>
        </span>
      ),
    },
    { id: "status", header: t("console_people.state"), cell: (row) => say(`key.status_${row.status}` as Key) },
    { id: "creator", header: t("console_people.creator"), wideOnly: true, cell: (row) => row.creator_name ?? "—" },
    { id: "rpm", header: t("console_people.rpm"), numeric: true, cell: (row) => row.rpm ?? "—" },
    {
      id: "limit",
      header: t("console_people.spend_limit"),
      numeric: true,
      cell: (row) => (row.spend_limit === null ? "—" : <><Money value={row.spend_limit} /> / {say(`console_people.period_${row.spend_period}` as Key)}</>),
    },
    { id: "spent", header: t("console_people.spent_30d"), numeric: true, cell: (row) => <Money value={row.spent_30d} /> },
    { id: "used", header: t("console_people.used"), wideOnly: true, cell: (row) => <TimeAgo moment={row.last_used_at} /> },
    ...(onRevoke
      ? [
          {
            id: "act",
            header: t("console_people.revoke"),
            action: true,
            cell: (row: ApiKey) => (
              <RowButton
                of={row.name}
                onClick={() => {
                  onRevoke(row);
                }}
              >
                {t("console_people.revoke")}
              </RowButton>
            ),
          },
        ]
      : []),
  ];
  return <Table title={t("console_people.keys")} columns={columns} rows={keys} rowKey={(row) => row.id} sought={sought} />;
}

export function Members({ members }: { members: readonly Of<"members">[] }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const columns: Column<Of<"members">>[] = [
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
    { id: "role", header: t("console_people.role_label"), cell: (row) => say(`console_people.member_${row.role}` as Key) },
    { id: "state", header: t("console_people.state"), cell: (row) => <Marks usual frozen={row.frozen} disabled={row.disabled} /> },
    { id: "limit", header: t("console_people.spend_limit"), numeric: true, cell: (row) => <Money value={row.spend_limit} /> },
    { id: "since", header: t("console_people.since"), cell: (row) => <TimeAgo moment={row.joined_at} /> },
  ];
  return <Table title={t("console_people.members")} columns={columns} rows={members} rowKey={(row) => row.id} />;
}

export function Running({ running }: { running: readonly Of<"running">[] }) {
  const t = useT();
  const sought = useAddress().value("request");
  const columns: Column<Of<"running">>[] = [
    { id: "model", header: t("console_people.model"), primary: true, cell: (row) => row.model ?? "—" },
    { id: "id", header: t("console_people.request"), wideOnly: true, cell: (row) => <code>{row.id}</code> },
    { id: "key", header: t("console_people.key"), cell: (row) => row.key_name ?? row.source ?? "—" },
    { id: "held", header: t("console_people.held"), numeric: true, cell: (row) => <Money value={row.held} /> },
    { id: "since", header: t("console_people.began"), cell: (row) => <TimeAgo moment={row.since} /> },
  ];
  return <Table title={t("console_people.running")} columns={columns} rows={running} rowKey={(row) => row.id} sought={sought} />;
}

export function Requests({ requests }: { requests: readonly Of<"requests">[] }) {
  const { t, catalogue } = useWords();
  const say = t as (key: Key) => string;
  const sought = useAddress().value("request");
  const outcomeOf = (outcome: string) => (`usage.outcome_${outcome}` in catalogue ? say(`usage.outcome_${outcome}` as Key) : outcome);
  const columns: Column<Of<"requests">>[] = [
    {
      id: "model",
      header: t("console_people.model"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          {row.model}
          <small>
            <code>{row.id}</code>
          </small>
        </span>
      ),
    },
    { id: "outcome", header: t("console_people.outcome"), cell: (row) => row.error_code ?? outcomeOf(row.outcome) },
    { id: "tokens", header: t("console_people.tokens"), numeric: true, wideOnly: true, cell: (row) => `${String(row.prompt_tokens)} + ${String(row.completion_tokens)}` },
    { id: "charge", header: t("console_people.charge"), numeric: true, cell: (row) => <Money value={row.charge} /> },
    { id: "cost", header: t("console_people.cost"), numeric: true, wideOnly: true, cell: (row) => <Money value={row.provider_cost} /> },
    { id: "at", header: t("console_people.ended"), cell: (row) => <TimeAgo moment={row.at} /> },
  ];
  return <Table title={t("console_people.requests")} columns={columns} rows={requests} rowKey={(row) => row.id} sought={sought} />;
}

export function Orders({ orders, refunds, disputes }: Pick<Detail, "orders" | "refunds" | "disputes">) {
  const t = useT();
  const rows = [
    ...orders.map((row) => ({ ...row, of: "order" as const, path: "recharges", at: row.created_at, amount: <Money value={row.credits} /> })),
    ...refunds.map((row) => ({ ...row, of: "refund" as const, path: "refunds", at: row.created_at, amount: <Money value={row.credits} /> })),
    ...disputes.map((row) => ({ ...row, of: "dispute" as const, path: "disputes", at: row.opened_at, amount: <Price value={row.amount} /> })),
  ].sort((one, other) => other.at.localeCompare(one.at));
  const say = t as (key: Key) => string;
  const columns: Column<(typeof rows)[number]>[] = [
    {
      id: "reference",
      header: t("console_people.reference"),
      primary: true,
      cell: (row) => (
        <ConsoleLink to={`/${row.path}/${row.id}`}>
          <code>{row.reference}</code>
        </ConsoleLink>
      ),
    },
    { id: "what", header: t("console_people.what"), cell: (row) => say(`console_people.is_${row.of}` as Key) },
    { id: "state", header: t("console_people.state"), cell: (row) => <OrderState of={row.of} state={row.state} /> },
    { id: "amount", header: t("console_people.amount"), numeric: true, cell: (row) => row.amount },
    { id: "at", header: t("console_people.since"), cell: (row) => <TimeAgo moment={row.at} /> },
  ];
  return <Table title={t("console_people.orders")} columns={columns} rows={rows} rowKey={(row) => row.id} />;
}
