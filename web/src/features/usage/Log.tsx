import { Badge, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { duration } from "@/lib/time";
import { type Key, useT, useWords } from "@/locales";
import { DataTable, type Column } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { NothingYet } from "./NothingYet";
import type { queryOf, RequestRow } from "./model";
import { logQuery } from "./queries";
import styles from "./usage.module.css";

/** One line a request, newest first; the first page follows what happens. */
export function Log({ query, zone }: { query: ReturnType<typeof queryOf>; zone: string }) {
  const t = useT();
  const address = useAddress();
  const workspace = useWorkspace();
  const wanted = address.value("request");
  const cursor = address.value("cursor");
  const log = useQuery(logQuery(workspace.id, query, wanted, cursor));
  return (
    <section className={styles.log} aria-labelledby="log">
      <div className={styles.loghead}>
        <h2 id="log">{t("usage.log")}</h2>
        <TextInput
          className={styles.find}
          type="search"
          aria-label={t("usage.find")}
          placeholder={t("usage.find")}
          leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
          value={wanted}
          onChange={(event) => {
            address.set({ request: event.currentTarget.value.trim(), cursor: "" }, { replace: true });
          }}
        />
      </div>
      <Result query={log} skeleton={<RowsSkeleton rows={10} />}>
        {(page) => (
          <Rows
            rows={page.items}
            zone={zone}
            dimmed={log.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
          />
        )}
      </Result>
    </section>
  );
}

interface RowsProps {
  rows: readonly RequestRow[];
  zone: string;
  dimmed: boolean;
  paging: { cursor: string; next: string | null; go: (cursor: string) => void };
}

function Rows({ rows, zone, dimmed, paging }: RowsProps) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const count = new Intl.NumberFormat(tag);
  const columns: Column<RequestRow>[] = [
    {
      id: "model",
      header: t("usage.model"),
      primary: true,
      cell: (row) => (
        <AnchorLink to="/w/$ws/usage/$request" params={{ ws: id, request: row.id }}>
          {row.model}
        </AnchorLink>
      ),
    },
    { id: "time", header: t("usage.time"), cell: (row) => <TimeAgo moment={row.time} zone={zone} /> },
    { id: "key", header: t("usage.key"), cell: (row) => row.key_name ?? (t as (key: Key) => string)(`usage.source_${row.source}`) },
    {
      id: "tokens",
      header: t("usage.tokens_header"),
      numeric: true,
      cell: (row) => `${count.format(row.tokens.prompt)} → ${count.format(row.tokens.completion)}`,
    },
    {
      id: "latency",
      header: t("usage.latency"),
      numeric: true,
      wideOnly: true,
      cell: (row) => (row.outcome === "running" ? "—" : duration(row.latency_ms, tag)),
    },
    {
      id: "first",
      header: t("usage.first"),
      numeric: true,
      wideOnly: true,
      cell: (row) => (row.first_token_ms === null ? "—" : duration(row.first_token_ms, tag)),
    },
    { id: "outcome", header: t("usage.status"), cell: (row) => <Outcome row={row} /> },
    { id: "cost", header: t("usage.cost"), numeric: true, cell: (row) => <Money value={row.cost} /> },
  ];
  return (
    <DataTable label={t("usage.log")} columns={columns} rows={rows} rowKey={(row) => row.id} dimmed={dimmed} paging={paging} empty={<NothingYet />} />
  );
}

const COLOURS = { completed: "ok", failed: "bad", stopped: "gray", cut: "warn", running: "accent" } as const;

/** How a request ended, and the reason that the model or the gateway gave. */
export function Outcome({ row }: { row: Pick<RequestRow, "outcome" | "finish_reason" | "error_code"> }) {
  const t = useT();
  const reason = row.error_code ?? (row.finish_reason === "stop" ? null : row.finish_reason);
  return (
    <span className={styles.outcome}>
      <Badge color={COLOURS[row.outcome]} variant="light">
        {(t as (key: Key) => string)(`usage.outcome_${row.outcome}`)}
      </Badge>
      {reason && <small>{reason}</small>}
    </span>
  );
}
