import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconKey, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { LimitBar } from "@/ui/LimitBar";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keys.module.css";
import { KeyStatus, statusName } from "./KeyStatus";
import { type KeyRow, STATUSES } from "./model";
import { keysQuery } from "./queries";

const DEFAULT_SORT = "-created_at";
const TYPING_MS = 250;

const SORTS: readonly [string, Key][] = [
  ["-created_at", "key.sort_newest"],
  ["name", "key.sort_name"],
  ["-last_used_at", "key.sort_used"],
  ["-spent_30d", "key.sort_spent"],
];

export function KeyList({ onCreate }: { onCreate: () => void }) {
  const t = useT();
  const workspace = useWorkspace();
  const address = useAddress();
  const filters = { search: address.value("search"), status: address.value("status"), sort: address.value("sort"), cursor: address.value("cursor") };
  const keys = useQuery(keysQuery(workspace.id, filters));
  const columns = useColumns();
  const filtered = filters.search !== "" || filters.status !== "";
  return (
    <>
      <Filters />
      <Result query={keys} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("key.title")}
            columns={columns}
            rows={page.items}
            rowKey={(key) => key.id}
            sort={filters.sort || DEFAULT_SORT}
            onSort={(sort) => {
              address.set({ sort: sort === DEFAULT_SORT ? "" : sort, cursor: "" });
            }}
            dimmed={keys.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              filtered ? (
                <EmptyState
                  icon={IconSearch}
                  title={t("key.none_found")}
                  action={
                    <Button
                      variant="default"
                      onClick={() => {
                        address.set({ search: "", status: "", cursor: "" });
                      }}
                    >
                      {t("key.clear_filters")}
                    </Button>
                  }
                >
                  {t("key.none_found_text")}
                </EmptyState>
              ) : (
                <EmptyState
                  icon={IconKey}
                  title={t("key.none")}
                  action={workspace.pending === null && <Button onClick={onCreate}>{t("key.create")}</Button>}
                >
                  {workspace.pending === null ? t("key.none_text") : t("key.none_pending")}
                </EmptyState>
              )
            }
          />
        )}
      </Result>
    </>
  );
}

function Filters() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const [text, setText] = useState(address.value("search"));
  const [asked, setAsked] = useState(address.value("search"));
  // The address changed elsewhere: Back, or "Clear filters".
  if (asked !== address.value("search")) {
    setAsked(address.value("search"));
    setText(address.value("search"));
  }
  const search = useDebouncedCallback((value: string) => {
    setAsked(value.trim());
    address.set({ search: value.trim(), cursor: "" }, { replace: true });
  }, TYPING_MS);
  return (
    <div className={styles.filters} role="search">
      <TextInput
        className={styles.search}
        type="search"
        aria-label={t("key.search")}
        placeholder={t("key.search")}
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
      />
      <Select
        className={styles.filter}
        aria-label={t("key.status")}
        value={address.value("status")}
        onChange={(value) => {
          address.set({ status: value ?? "", cursor: "" });
        }}
        data={[{ value: "", label: t("key.status_any") }, ...STATUSES.map((one) => ({ value: one, label: say(statusName(one)) }))]}
        allowDeselect={false}
      />
      <Select
        className={`${styles.filter} ${styles.phoneOnly}`}
        aria-label={t("key.sort")}
        value={SORTS.some(([value]) => value === address.value("sort")) ? address.value("sort") : DEFAULT_SORT}
        onChange={(value) => {
          address.set({ sort: value === null || value === DEFAULT_SORT ? "" : value, cursor: "" });
        }}
        data={SORTS.map(([value, label]) => ({ value, label: say(label) }))}
        allowDeselect={false}
      />
    </div>
  );
}

function useColumns(): Column<KeyRow>[] {
  const { t } = useWords();
  const workspace = useWorkspace();
  return [
    {
      id: "name",
      header: t("key.name"),
      primary: true,
      sortable: true,
      cell: (key) => (
        <span className={styles.name}>
          <AnchorLink to="/w/$ws/keys/$key" params={{ ws: workspace.id, key: key.id }}>
            {key.name}
          </AnchorLink>
          <code>{key.label}</code>
        </span>
      ),
    },
    { id: "status", header: t("key.status"), cell: (key) => <KeyStatus status={key.status} /> },
    {
      id: "created_at",
      header: t("key.created"),
      sortable: true,
      cell: (key) => (
        <span className={styles.two}>
          <TimeAgo moment={key.created_at} />
          <small>{key.creator_name ?? t("key.creator_gone")}</small>
        </span>
      ),
    },
    {
      id: "last_used_at",
      header: t("key.last_used"),
      sortable: true,
      cell: (key) => (key.last_used_at === null ? <span className={styles.quiet}>{t("key.never_used")}</span> : <span className={styles.nowrap}><TimeAgo moment={key.last_used_at} /></span>),
    },
    { id: "day", header: t("key.day"), numeric: true, cell: (key) => <Spent spent={key.spent_24h} requests={key.requests_24h} /> },
    {
      id: "spent_30d",
      header: t("key.month"),
      numeric: true,
      sortable: true,
      cell: (key) => <Spent spent={key.spent_30d} requests={key.requests_30d} />,
    },
    { id: "limit", header: t("key.limit"), cell: (key) => <Limit row={key} /> },
  ];
}

function Spent({ spent, requests }: { spent: string; requests: number }) {
  const t = useT();
  return (
    <span className={styles.two}>
      <Money value={spent} form="short" rounding="charge" />
      <small>{t("key.requests", { count: requests })}</small>
    </span>
  );
}

const OF: Record<NonNullable<KeyRow["spend_period"]>, "key.of_day" | "key.of_week" | "key.of_month" | "key.of_total"> = {
  day: "key.of_day",
  week: "key.of_week",
  month: "key.of_month",
  total: "key.of_total",
};

function Limit({ row }: { row: KeyRow }) {
  const t = useT();
  if (row.spend_limit === null) return <span className={styles.quiet}>{t("limit.none")}</span>;
  return (
    <div className={styles.bar}>
      <LimitBar used={row.spent_in_period} limit={row.spend_limit} label={t("key.spend_limit_of", { name: row.name })}>
        <Money value={row.spent_in_period} form="short" rounding="charge" /> / <Money value={row.spend_limit} form="short" />{" "}
        <small>{t(OF[row.spend_period ?? "total"])}</small>
      </LimitBar>
    </div>
  );
}
