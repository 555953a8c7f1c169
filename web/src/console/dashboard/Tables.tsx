import { Badge } from "@mantine/core";

import { type Key, Rich, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { LimitBar } from "@/ui/LimitBar";
import { Money } from "@/ui/Money";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "./dashboard.module.css";
import { QUEUES } from "./model";
import { Opens } from "./Opens";
import type { Board, ModelRow, ProviderRow, WaitingRow } from "./queries";

/** What waits for somebody, with the age of the oldest; what waits longest comes first. */
export function Waiting({ board }: { board: Board }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const count = new Intl.NumberFormat(tag);
  const columns: Column<WaitingRow>[] = [
    {
      id: "kind",
      header: t("console_dashboard.queue"),
      primary: true,
      cell: (row) => (
        <Opens path={QUEUES[row.kind].path} search={QUEUES[row.kind].search}>
          {say(`console_dashboard.queue.${row.kind}` as Key)}
        </Opens>
      ),
    },
    {
      id: "waiting",
      header: t("console_dashboard.waiting"),
      numeric: true,
      cell: (row) => (row.waiting > 0 ? <Badge color="warn">{count.format(row.waiting)}</Badge> : "0"),
    },
    { id: "oldest", header: t("console_dashboard.oldest"), cell: (row) => <TimeAgo moment={row.oldest} /> },
  ];
  const rows = board.waiting.toSorted((one, other) => (one.oldest ?? "9").localeCompare(other.oldest ?? "9"));
  return (
    <Section title={t("console_dashboard.waiting_title")} bare>
      <DataTable label={t("console_dashboard.waiting_title")} columns={columns} rows={rows} rowKey={(row) => row.kind} />
    </Section>
  );
}

/** Whether what was recorded can be believed. */
export function Proof({ board }: { board: Board }) {
  const { t } = useWords();
  const say = t as (key: Key) => string;
  type Chain = Board["chains"][number];
  const colors = { whole: "ok", broken: "bad", unchecked: "gray" } as const;
  const columns: Column<Chain>[] = [
    { id: "name", header: t("console_dashboard.chain"), primary: true, cell: (row) => <Opens path="audit">{say(`console_dashboard.chain.${row.name}` as Key)}</Opens> },
    { id: "state", header: t("console_dashboard.state"), cell: (row) => <Badge color={colors[row.state]}>{say(`console_dashboard.chain_state.${row.state}` as Key)}</Badge> },
    { id: "checked", header: t("console_dashboard.checked"), cell: (row) => <TimeAgo moment={row.checked_at} /> },
  ];
  return (
    <Section title={t("console_dashboard.proof")} bare>
      <DataTable label={t("console_dashboard.proof")} columns={columns} rows={board.chains} rowKey={(row) => row.name} />
    </Section>
  );
}

export function Providers({ board }: { board: Board }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const columns: Column<ProviderRow>[] = [
    {
      id: "name",
      header: t("console_dashboard.provider"),
      primary: true,
      cell: (row) => (
        <>
          <Opens path="providers" more={`/${row.name}`}>
            {row.name}
          </Opens>{" "}
          {!row.enabled && <Badge color="gray">{t("console_dashboard.off")}</Badge>}
        </>
      ),
    },
    { id: "calls", header: t("console_dashboard.calls"), numeric: true, cell: (row) => count.format(row.calls) },
    {
      id: "failed",
      header: t("console_dashboard.failure_rate"),
      numeric: true,
      cell: (row) => (row.failed_percent === null ? "—" : `${row.failed_percent} %`),
    },
    ...(board.money
      ? ([
          { id: "charged", header: t("console_dashboard.charged"), numeric: true, cell: (row) => <Money value={row.charged} /> },
          { id: "cost", header: t("console_dashboard.provider_cost"), numeric: true, cell: (row) => <Money value={row.provider_cost} /> },
          { id: "cap", header: t("console_dashboard.cap"), numeric: true, cell: (row) => <Cap used={row.spent_today} held={row.held_today} cap={row.daily_cap} name={row.name} /> },
        ] satisfies Column<ProviderRow>[])
      : []),
  ];
  return (
    <Section title={t("console_dashboard.providers")} bare>
      <DataTable label={t("console_dashboard.providers")} columns={columns} rows={board.providers} rowKey={(row) => row.name} empty={<EmptyState title={t("console_dashboard.no_providers")} />} />
    </Section>
  );
}

export function Models({ board }: { board: Board }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const columns: Column<ModelRow>[] = [
    {
      id: "id",
      header: t("console_dashboard.model"),
      primary: true,
      cell: (row) =>
        row.address === null ? (
          row.id
        ) : (
          <Opens path="models" more={`/${row.address}`}>
            {row.id}
          </Opens>
        ),
    },
    { id: "requests", header: t("console_dashboard.requests"), numeric: true, cell: (row) => count.format(row.requests) },
    { id: "errors", header: t("console_dashboard.errors"), numeric: true, cell: (row) => count.format(row.errors) },
    ...(board.money
      ? ([
          { id: "charged", header: t("console_dashboard.charged"), numeric: true, cell: (row) => <Money value={row.charged} /> },
          { id: "cost", header: t("console_dashboard.provider_cost"), numeric: true, cell: (row) => <Money value={row.provider_cost} /> },
        ] satisfies Column<ModelRow>[])
      : []),
  ];
  return (
    <Section title={t("console_dashboard.models")} bare>
      <DataTable label={t("console_dashboard.models")} columns={columns} rows={board.models} rowKey={(row) => row.id} empty={<EmptyState title={t("console_dashboard.no_usage")} />} />
      {board.model_caps.length > 0 && (
        <div className={styles.stack}>
          {board.model_caps.map((cap) => (
            <div key={cap.id}>
              <Opens path="models" more={`/${cap.address}`}>
                {cap.id}
              </Opens>
              <Cap used={cap.spent_today} held={cap.held_today} cap={cap.daily_cap} name={cap.id} />
            </div>
          ))}
        </div>
      )}
    </Section>
  );
}

function Cap({ used, held, cap, name }: { used: string | null; held: string | null; cap: string | null; name: string }) {
  const { t } = useWords();
  if (cap === null || used === null) return <>—</>;
  return (
    <LimitBar used={used} limit={cap} label={t("console_dashboard.cap_of", { name })}>
      <Rich
        k="console_dashboard.used_of"
        values={{ used: <Money value={used} form="short" rounding="charge" />, held: <Money value={held} form="short" rounding="charge" />, cap: <Money value={cap} form="short" /> }}
      />
    </LimitBar>
  );
}
