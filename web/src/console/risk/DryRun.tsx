import { Badge, Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { TimeAgo } from "@/ui/TimeAgo";
import frame from "../console.module.css";
import { whole } from "./model";
import { type RuleFields, type Tried, tryRule } from "./queries";
import styles from "./risk.module.css";

/** Whom the rule in the form would have found. Nothing is changed. */
export function DryRun({ fields }: { fields: Omit<RuleFields, "days"> }) {
  const { t } = useWords();
  const [days, setDays] = useState("30");
  const trial = useMutation({ mutationFn: () => tryRule({ ...fields, days: whole(days) }) });
  // What was tried is not what stands in the form any more.
  const asked = JSON.stringify(fields) + days;
  const [tried, setTried] = useState("");
  return (
    <section className={styles.trial} aria-label={t("console_risk.dry_run")}>
      <div className={styles.row}>
        <TextInput
          label={t("console_risk.dry_run_days")}
          inputMode="numeric"
          value={days}
          onChange={(event) => {
            setDays(event.currentTarget.value);
          }}
        />
        <Button
          variant="default"
          loading={trial.isPending}
          disabled={!/^([1-9]|[1-8]\d|90)$/.test(days.trim())}
          onClick={() => {
            setTried(asked);
            trial.mutate();
          }}
        >
          {t("console_risk.dry_run")}
        </Button>
      </div>
      <p className={styles.quiet}>{t("console_risk.dry_run_text")}</p>
      <ErrorNotice error={trial.error} />
      {trial.data && tried === asked && <Found tried={trial.data} />}
    </section>
  );
}

function Found({ tried }: { tried: Tried }) {
  const { t, language } = useWords();
  const columns: Column<Tried["items"][number]>[] = [
    {
      id: "workspace",
      header: t("console_risk.workspace"),
      primary: true,
      cell: (row) => (
        <span className={frame.two}>
          {row.workspace.name}
          <small>{row.email ?? "—"}</small>
        </span>
      ),
    },
    { id: "why", header: t("console_risk.why"), cell: (row) => row.because[language === "zh" ? "zh" : "en"] },
    { id: "first", header: t("console_risk.first"), cell: (row) => <TimeAgo moment={row.first_at} /> },
    { id: "times", header: t("console_risk.times"), numeric: true, cell: (row) => row.times },
    {
      id: "flagged",
      header: t("console_risk.flagged"),
      cell: (row) => <Badge color={row.flagged_already ? "gray" : "accent"}>{t(row.flagged_already ? "console_risk.flagged_yes" : "console_risk.flagged_no")}</Badge>,
    },
  ];
  return (
    <>
      <p role="status">
        {t("console_risk.dry_run_result", { count: tried.workspaces, hits: tried.hits, flagged: tried.flagged_already })}
        {tried.workspaces > tried.items.length && ` ${t("console_risk.dry_run_more", { count: tried.items.length })}`}
      </p>
      {tried.items.length > 0 && <DataTable label={t("console_risk.dry_run")} columns={columns} rows={tried.items} rowKey={(row) => row.workspace.id} />}
    </>
  );
}
