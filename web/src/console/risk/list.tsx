import { Badge, Button, Group, SegmentedControl } from "@mantine/core";
import { IconFlag, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ActDialog } from "../ActDialog";
import frame from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleButton, ConsoleLink } from "../links";
import { useStaffMay } from "../session";
import { SeverityMark, StateMark } from "./Marks";
import { type CaseRow, casesQuery, countsQuery, useReport, type View, VIEWS } from "./queries";

/** The queue: the first deadline on top. */
export default function RiskQueue() {
  const { t, language } = useWords();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const asked = address.value("view");
  const view: View = VIEWS.find((one) => one === asked) ?? "open";
  const cursor = address.value("cursor");
  const cases = useQuery(casesQuery(view, cursor));
  const counts = useQuery(countsQuery).data;
  const number: Partial<Record<View, number>> = counts ? { open: counts.open, mine: counts.mine, unassigned: counts.unassigned } : {};
  const columns: Column<CaseRow>[] = [
    {
      id: "workspace",
      header: t("console_risk.workspace"),
      primary: true,
      cell: (row) => (
        <span className={frame.two}>
          <ConsoleLink to={`/risk/${row.id}`}>{row.workspace.name}</ConsoleLink>
          <small>{row.email ?? "—"}</small>
        </span>
      ),
    },
    { id: "why", header: t("console_risk.why"), cell: (row) => (row.because === null ? "—" : row.because[language === "zh" ? "zh" : "en"]) },
    { id: "severity", header: t("console_risk.severity"), cell: (row) => <SeverityMark severity={row.severity} /> },
    { id: "state", header: t("console_risk.state"), cell: (row) => <StateMark state={row.state} /> },
    { id: "hits", header: t("console_risk.hits"), numeric: true, wideOnly: true, cell: (row) => row.hits },
    { id: "assignee", header: t("console_risk.assignee"), cell: (row) => (row.assignee === null ? "—" : row.assignee.yours ? t("team.you") : row.assignee.name) },
    {
      id: "due",
      header: view === "decided" ? t("console_risk.decided") : t("console_risk.due"),
      cell: (row) => (
        <span className={frame.badges}>
          <TimeAgo moment={row.decided_at ?? row.due_at} />
          {row.late && <Badge color="bad">{t("console_risk.late")}</Badge>}
        </span>
      ),
    },
  ];
  return (
    <>
      <ConsoleHeader
        title={t("console_risk.title")}
        lead={counts && counts.late > 0 ? t("console_risk.lead_late", { count: counts.late }) : t("console_risk.lead")}
        actions={
          <Group gap="xs">
            <Report />
            <ConsoleButton to="/risk/rules" variant="default">
              {t("console_risk.rules")}
            </ConsoleButton>
          </Group>
        }
      />
      <div className={frame.filters}>
        <SegmentedControl
          aria-label={t("console_risk.view")}
          value={view}
          data={VIEWS.map((one) => ({
            value: one,
            label: number[one] === undefined ? say(`console_risk.view_${one}` as Key) : `${say(`console_risk.view_${one}` as Key)} ${number[one]}`,
          }))}
          onChange={(next) => {
            address.set({ view: next === "open" ? "" : next, cursor: "" });
          }}
        />
      </div>
      <Result query={cases} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_risk.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={cases.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconShieldCheck} title={t(view === "open" ? "console_risk.none" : "console_risk.none_here")}>
                {t("console_risk.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </>
  );
}

/** Forbidden use, reported by hand. */
function Report() {
  const t = useT();
  const may = useStaffMay("freeze");
  const report = useReport();
  const [opened, setOpened] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button
        leftSection={<IconFlag size={16} stroke={1.5} aria-hidden />}
        variant="default"
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("console_risk.report")}
      </Button>
      <ActDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("console_risk.report_title")}
        verb={t("console_risk.report")}
        fields={[{ name: "workspace", label: t("console_risk.report_workspace"), description: t("console_risk.report_workspace_hint") }]}
        onConfirm={(values) => report(values.workspace ?? "", values.reason ?? "")}
        done={t("console_risk.report_done")}
      >
        {t("console_risk.report_text")}
      </ActDialog>
    </>
  );
}
