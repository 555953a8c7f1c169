import { Badge, Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import frame from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { useStaffMay } from "../session";
import { SeverityMark } from "./Marks";
import { unchanged, worded } from "./model";
import { type Rule, rulesQuery, useSave } from "./queries";
import { RuleDialog } from "./RuleDialog";

/** Every rule as it counts now. Owners change them; others read. */
export default function Rules() {
  const t = useT();
  const may = useStaffMay("own");
  const rules = useQuery(rulesQuery);
  const [edited, setEdited] = useState<Rule | "new" | null>(null);
  const [switched, setSwitched] = useState<Rule | null>(null);
  return (
    <>
      <ConsoleHeader
        title={t("console_risk.rules")}
        lead={t("console_risk.rules_lead")}
        back={{ to: "/risk", label: t("console_risk.title") }}
        actions={
          may && (
            <Button
              leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
              onClick={() => {
                setEdited("new");
              }}
            >
              {t("console_risk.add_rule")}
            </Button>
          )
        }
      />
      <Result query={rules} skeleton={<RowsSkeleton />}>
        {(found) => (
          <>
            <Table rules={found.rules} may={may} onEdit={setEdited} onSwitch={setSwitched} />
            <RuleDialog
              edited={edited}
              kinds={found.kinds}
              onClose={() => {
                setEdited(null);
              }}
            />
          </>
        )}
      </Result>
      <Switch
        rule={switched}
        onClose={() => {
          setSwitched(null);
        }}
      />
    </>
  );
}

interface TableProps {
  rules: readonly Rule[];
  may: boolean;
  onEdit: (rule: Rule) => void;
  onSwitch: (rule: Rule) => void;
}

function Table({ rules, may, onEdit, onSwitch }: TableProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const columns: Column<Rule>[] = [
    {
      id: "name",
      header: t("console_risk.rule"),
      primary: true,
      cell: (rule) => (
        <span className={frame.two}>
          {rule.name}
          <small>
            {say(`console_risk.kind_${rule.kind}` as Key)} · {t("console_risk.version", { version: rule.version })}
          </small>
        </span>
      ),
    },
    {
      id: "enabled",
      header: t("console_risk.enabled"),
      cell: (rule) => <Badge color={rule.enabled ? "ok" : "gray"} miw="max-content">{t(rule.enabled ? "console_risk.on" : "console_risk.off")}</Badge>,
    },
    { id: "parameters", header: t("console_risk.parameters"), cell: (rule) => <Parameters rule={rule} /> },
    {
      id: "outcome",
      header: t("console_risk.outcome"),
      cell: (rule) => (
        <>
          {say(`console_risk.does_${rule.outcome}` as Key)} {rule.limit_to !== null && <Money value={rule.limit_to} unit />}
        </>
      ),
    },
    { id: "severity", header: t("console_risk.severity"), cell: (rule) => <SeverityMark severity={rule.severity} /> },
    { id: "hits", header: t("console_risk.hits_30"), numeric: true, cell: (rule) => rule.hits_30_days },
    { id: "changed", header: t("console_risk.changed_at"), wideOnly: true, cell: (rule) => <TimeAgo moment={rule.changed_at} /> },
  ];
  if (may)
    columns.push({
      id: "acts",
      header: t("console_risk.acts"),
      action: true,
      cell: (rule) => (
        <span className={frame.badges}>
          <RowButton
            of={rule.name}
            onClick={() => {
              onEdit(rule);
            }}
          >
            {t("console_risk.edit")}
          </RowButton>
          <RowButton
            of={rule.name}
            onClick={() => {
              onSwitch(rule);
            }}
          >
            {t(rule.enabled ? "console_risk.switch_off" : "console_risk.switch_on")}
          </RowButton>
        </span>
      ),
    });
  return <DataTable label={t("console_risk.rules")} columns={columns} rows={rules} rowKey={(rule) => rule.id} />;
}

/** What a rule is set to, in one line. */
function Parameters({ rule }: { rule: Rule }) {
  const say = useT() as (key: Key, values?: object) => string;
  const shown = Object.entries(rule.parameters)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${say(`console_risk.parameter_${name}` as Key)}: ${worded(value)}`);
  if (rule.new_accounts_days !== null) shown.push(say("console_risk.younger", { count: rule.new_accounts_days }));
  return <>{shown.join(" · ") || "—"}</>;
}

/** Switch a rule on or off: a version like any other. */
function Switch({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const t = useT();
  const save = useSave();
  if (rule === null) return null;
  const verb = t(rule.enabled ? "console_risk.switch_off" : "console_risk.switch_on");
  return (
    <ActDialog
      opened
      onClose={onClose}
      title={t(rule.enabled ? "console_risk.switch_off_title" : "console_risk.switch_on_title", { rule: rule.name })}
      verb={verb}
      onConfirm={(values) => save({ ...unchanged(rule), enabled: !rule.enabled }, values.reason ?? "", rule)}
      done={t("console_risk.rule_saved", { rule: rule.name })}
    />
  );
}

