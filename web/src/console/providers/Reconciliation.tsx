import { Badge, Button, Group, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { day } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { RowsSkeleton } from "@/ui/skeletons";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import { type Detail, type Reconciled, reconciliationsQuery, useReportActs } from "./queries";

const COLOURS = { matched: "ok", different: "bad", missing: "warn", unread: "warn" } as const;
const FORMATS = ["openrouter", "openai"] as const;
type Format = (typeof FORMATS)[number];

/** What the provider reports that days cost, against what was recorded. */
export function ReconciliationSection({ provider }: { provider: Detail }) {
  const { t } = useWords();
  const mayChange = useStaffMay("own");
  const days = useQuery(reconciliationsQuery(provider.name));
  const [acting, setActing] = useState<"key" | "forget" | "now" | null>(null);
  const close = () => {
    setActing(null);
  };
  const { reporting } = provider;
  const readable = reporting?.usable === true || (provider.report_format === "openrouter" && provider.key.is_set);
  return (
    <Section title={t("console_providers.reconciliation")} text={keyWords(provider, t)} bare actions={mayChange && <Buttons provider={provider} readable={readable} onAct={setActing} />}>
      <Result query={days} skeleton={<RowsSkeleton />}>
        {(rows) => <Days rows={rows} />}
      </Result>
      <KeyDialog provider={provider} opened={acting === "key"} onClose={close} />
      <OtherDialogs provider={provider} acting={acting} onClose={close} />
    </Section>
  );
}

function keyWords({ reporting, report_format, key }: Detail, t: ReturnType<typeof useWords>["t"]): string {
  if (reporting !== null && !reporting.usable) return t("console_providers.report_key_elsewhere");
  if (reporting !== null) return reporting.key.ends === null ? t("console_providers.report_key_set") : t("console_providers.report_key_ends", { ends: reporting.key.ends });
  return t(report_format === "openrouter" && key.is_set ? "console_providers.report_key_own" : "console_providers.report_key_none");
}

function Buttons({ provider, readable, onAct }: { provider: Detail; readable: boolean; onAct: (act: "key" | "forget" | "now") => void }) {
  const { t } = useWords();
  const opens = (act: "key" | "forget" | "now") => () => {
    onAct(act);
  };
  return (
    <Group gap="xs">
      {provider.reporting !== null && (
        <Button variant="default" size="compact-md" onClick={opens("forget")}>
          {t("console_providers.report_forget")}
        </Button>
      )}
      <Button variant="default" size="compact-md" onClick={opens("key")}>
        {t("console_providers.report_key")}
      </Button>
      {readable && (
        <Button variant="default" size="compact-md" onClick={opens("now")}>
          {t("console_providers.reconcile")}
        </Button>
      )}
    </Group>
  );
}

function Days({ rows }: { rows: readonly Reconciled[] }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const columns: Column<Reconciled>[] = [
    {
      id: "day",
      header: t("console_providers.day"),
      primary: true,
      cell: (row) => (
        <>
          {day(`${row.day}T00:00:00Z`, tag, "UTC")} {row.partial && <Badge color="gray">{t("console_providers.so_far")}</Badge>}
        </>
      ),
    },
    { id: "recorded", header: t("console_providers.recorded"), numeric: true, cell: (row) => <Money value={row.recorded} /> },
    { id: "reported", header: t("console_providers.reported"), numeric: true, cell: (row) => <Money value={row.reported} /> },
    { id: "difference", header: t("console_providers.difference"), numeric: true, cell: (row) => <Money value={row.difference} signed /> },
    {
      id: "state",
      header: t("console_providers.state"),
      cell: (row) => (
        <>
          <Badge color={COLOURS[row.state]}>{say(`console_providers.day_${row.state}` as Key)}</Badge>
          {row.problem !== null && ` ${say((PROBLEMS.includes(row.problem) ? `console_providers.problem_${row.problem}` : "console_providers.problem_other") as Key)}`}
        </>
      ),
    },
  ];
  return (
    <DataTable
      label={t("console_providers.reconciliation")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.day}
      empty={<EmptyState title={t("console_providers.no_days")}>{t("console_providers.no_days_text")}</EmptyState>}
    />
  );
}

const PROBLEMS = ["credential", "currency", "malformed", "status", "connect", "total"];

function KeyDialog({ provider, opened, onClose }: { provider: Detail; opened: boolean; onClose: () => void }) {
  const { t } = useWords();
  const { setKey } = useReportActs(provider.name);
  const known = FORMATS.find((one) => one === (provider.reporting?.format ?? provider.report_format)) ?? "openai";
  const [format, setFormat] = useState<Format>(known);
  return (
    <ActDialog
      opened={opened}
      onClose={onClose}
      title={t("console_providers.report_title", { name: provider.name })}
      verb={t("console_providers.save")}
      fields={[{ name: "api_key", label: t("console_providers.report_key_label"), description: t("console_providers.report_key_hint"), secret: true }]}
      onConfirm={(values) => setKey({ format, api_key: values.api_key ?? "", reason: values.reason ?? "" })}
      done={t("console_providers.report_saved")}
    >
      <NativeSelect
        label={t("console_providers.report_format")}
        value={format}
        data={FORMATS.map((one) => ({ value: one, label: t(`console_providers.report_${one}`) }))}
        onChange={(event) => {
          setFormat(event.currentTarget.value as Format);
        }}
      />
    </ActDialog>
  );
}

function OtherDialogs({ provider, acting, onClose }: { provider: Detail; acting: string | null; onClose: () => void }) {
  const { t } = useWords();
  const { removeKey, reconcile } = useReportActs(provider.name);
  return (
    <>
      <ActDialog
        opened={acting === "forget"}
        onClose={onClose}
        title={t("console_providers.report_forget_title", { name: provider.name })}
        verb={t("console_providers.report_forget")}
        danger
        onConfirm={(values) => removeKey(values.reason ?? "")}
        done={t("console_providers.report_forgotten")}
      />
      <ActDialog
        opened={acting === "now"}
        onClose={onClose}
        title={t("console_providers.reconcile_title", { name: provider.name })}
        verb={t("console_providers.reconcile")}
        onConfirm={(values) => reconcile(values.reason ?? "")}
        done={t("console_providers.reconciled")}
      >
        {t("console_providers.reconcile_text")}
      </ActDialog>
    </>
  );
}
