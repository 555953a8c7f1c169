import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { type Key, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { failureKey, rate, took } from "./model";
import { Line, Plot } from "./Plot";
import styles from "./providers.module.css";
import { type Health, healthQuery, type Span } from "./queries";

export function HealthSection({ provider }: { provider: string }) {
  const { t } = useWords();
  const address = useAddress();
  const span: Span = address.value("span") === "day" ? "day" : "hour";
  const health = useQuery(healthQuery(provider, span));
  return (
    <Section
      title={t("console_providers.health")}
      text={t("console_providers.health_text")}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t("console_providers.span")}
          value={span}
          data={[
            { value: "hour", label: t("console_providers.span_hour") },
            { value: "day", label: t("console_providers.span_day") },
          ]}
          onChange={(value) => {
            address.set({ span: value === "hour" ? "" : value });
          }}
        />
      }
    >
      <Result query={health} skeleton={<BlockSkeleton height={240} />}>
        {(found) => <Shown health={found} />}
      </Result>
    </Section>
  );
}

function Shown({ health }: { health: Health }) {
  const { t, tag } = useWords();
  const { whole } = health;
  const count = new Intl.NumberFormat(tag);
  if (whole.calls === 0 && whole.refused === 0) return <EmptyState title={t("console_providers.no_calls")}>{t("console_providers.no_calls_text")}</EmptyState>;
  const minutes = health.step_seconds / 60;
  const calls = t("console_providers.plot_calls", { calls: count.format(whole.calls), failed: count.format(whole.failed) });
  const latency = t("console_providers.plot_latency", { p50: took(whole.total_p50, tag), p95: took(whole.total_p95, tag) });
  return (
    <div className={styles.stack}>
      <Facts
        facts={[
          [t("console_providers.calls"), count.format(whole.calls)],
          [t("console_providers.error_rate"), rate(whole.error_rate, tag)],
          [t("console_providers.first"), `${took(whole.first_p50, tag)} / ${took(whole.first_p95, tag)}`],
          [t("console_providers.total"), `${took(whole.total_p50, tag)} / ${took(whole.total_p95, tag)}`],
          [t("console_providers.refused"), count.format(whole.refused)],
        ]}
      />
      <div className={styles.plots}>
        <Plot label={calls} points={health.points} caption={t("console_providers.caption_calls", { minutes: String(minutes) })} />
        <Line label={latency} values={health.points.map((point) => point.total_p95)} caption={t("console_providers.caption_latency", { minutes: String(minutes) })} />
      </div>
      <Breakers health={health} />
      <Models health={health} />
      <Failures health={health} />
    </div>
  );
}

function Breakers({ health }: { health: Health }) {
  const { t } = useWords();
  if (health.breakers.length === 0) return null;
  return (
    <ul role="status">
      {health.breakers.map((breaker) => (
        <li key={breaker.upstream_model}>
          <code className={styles.name}>{breaker.upstream_model}</code>: {t("console_providers.breaker", { count: breaker.processes })} <TimeAgo moment={breaker.open_until} />
        </li>
      ))}
    </ul>
  );
}

function Models({ health }: { health: Health }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const columns: Column<Health["models"][number]>[] = [
    { id: "model", header: t("console_providers.upstream_model"), primary: true, cell: (row) => <code className={styles.name}>{row.upstream_model}</code> },
    { id: "calls", header: t("console_providers.calls"), numeric: true, cell: (row) => count.format(row.calls) },
    { id: "errors", header: t("console_providers.error_rate"), numeric: true, cell: (row) => rate(row.error_rate, tag) },
    { id: "first", header: t("console_providers.first_p95"), numeric: true, cell: (row) => took(row.first_p95, tag) },
    { id: "total", header: t("console_providers.p95"), numeric: true, cell: (row) => took(row.total_p95, tag) },
  ];
  return <DataTable label={t("console_providers.by_model")} columns={columns} rows={health.models} rowKey={(row) => row.upstream_model} />;
}

function Failures({ health }: { health: Health }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const columns: Column<Health["failures"][number]>[] = [
    { id: "failure", header: t("console_providers.failure"), primary: true, cell: (row) => (t as (key: Key) => string)(failureKey(row.failure)) },
    { id: "status", header: t("console_providers.status"), numeric: true, cell: (row) => row.status ?? "—" },
    { id: "model", header: t("console_providers.upstream_model"), cell: (row) => <code className={styles.name}>{row.upstream_model}</code> },
    { id: "times", header: t("console_providers.times"), numeric: true, cell: (row) => count.format(row.times) },
    { id: "last", header: t("console_providers.last"), cell: (row) => <TimeAgo moment={row.last_at} /> },
  ];
  return (
    <DataTable
      label={t("console_providers.failures")}
      columns={columns}
      rows={health.failures}
      rowKey={(row) => `${row.failure} ${row.upstream_model} ${String(row.status)}`}
      empty={<EmptyState title={t("console_providers.no_failures")} />}
    />
  );
}
