import { Button, Checkbox, Group, NativeSelect, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { ApiError, isCancelled } from "@/api/problem";
import { type Key, useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { toast } from "@/ui/toast";
import { ReasonField } from "../ReasonField";
import { DryRun } from "./DryRun";
import { fieldsOf, type Form, formOf, freshForm, OUTCOMES, SEVERITIES } from "./model";
import { type Kind, type Rule, type Spec, useSave } from "./queries";
import styles from "./risk.module.css";

interface RuleDialogProps {
  edited: Rule | "new" | null;
  kinds: readonly Kind[];
  onClose: () => void;
}

/** A rule: what it watches, what it does, and whom it would have found before it counts. */
export function RuleDialog({ edited, kinds, onClose }: RuleDialogProps) {
  const t = useT();
  return (
    <Dialog
      opened={edited !== null}
      onClose={onClose}
      size="xl"
      title={edited === null || edited === "new" ? t("console_risk.add_rule") : t("console_risk.edit_title", { rule: edited.name })}
    >
      {edited !== null && <Fields rule={edited === "new" ? null : edited} kinds={kinds} onClose={onClose} />}
    </Dialog>
  );
}

function Fields({ rule, kinds, onClose }: { rule: Rule | null; kinds: readonly Kind[]; onClose: () => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const save = useSave();
  const offered = kinds.filter((one) => one.kind !== "forbidden_use");
  const specsOf = (kind: Form["kind"]) => kinds.find((one) => one.kind === kind)?.parameters ?? [];
  const [form, setForm] = useState<Form>(() => {
    const first = offered[0]?.kind ?? "spend_velocity";
    return rule === null ? freshForm(first, say(`console_risk.kind_${first}` as Key), specsOf(first)) : formOf(rule);
  });
  const [reason, setReason] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const specs = specsOf(form.kind);
  const set = (change: Partial<Form>) => {
    setForm((before) => ({ ...before, ...change }));
  };
  const problem = (name: string) => (error instanceof ApiError ? error.field(name) : "") || undefined;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    try {
      const answer = await save(fieldsOf(form, specs), reason.trim(), rule);
      toast(t("console.done", { done: t("console_risk.rule_saved", { rule: answer.name }), row: String(answer.audit_seq) }));
      onClose();
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        {rule === null && (
          <NativeSelect
            label={t("console_risk.kind")}
            value={form.kind}
            data={offered.map((one) => ({ value: one.kind, label: say(`console_risk.kind_${one.kind}` as Key) }))}
            onChange={(event) => {
              const kind = event.currentTarget.value as Form["kind"];
              setForm(freshForm(kind, say(`console_risk.kind_${kind}` as Key), specsOf(kind)));
            }}
          />
        )}
        <p className={styles.quiet}>{say(`console_risk.kind_${form.kind}_text` as Key)}</p>
        <TextInput
          label={t("console_risk.name")}
          value={form.name}
          required
          withAsterisk={false}
          maxLength={100}
          error={problem("name")}
          onChange={(event) => {
            set({ name: event.currentTarget.value });
          }}
        />
        <div className={styles.grid}>
          {specs.map((spec) => (
            <Parameter
              key={spec.name}
              spec={spec}
              value={form.parameters[spec.name] ?? ""}
              error={problem(`parameters.${spec.name}`)}
              onChange={(value) => {
                set({ parameters: { ...form.parameters, [spec.name]: value } });
              }}
            />
          ))}
          <TextInput
            label={t("console_risk.new_accounts")}
            description={t("console_risk.new_accounts_hint")}
            inputMode="numeric"
            value={form.new_accounts_days}
            error={problem("new_accounts_days")}
            onChange={(event) => {
              set({ new_accounts_days: event.currentTarget.value });
            }}
          />
          <TextInput
            label={t("console_risk.cooldown")}
            description={t("console_risk.cooldown_hint")}
            inputMode="numeric"
            value={form.cooldown_hours}
            required
            withAsterisk={false}
            error={problem("cooldown_hours")}
            onChange={(event) => {
              set({ cooldown_hours: event.currentTarget.value });
            }}
          />
          <NativeSelect
            label={t("console_risk.outcome")}
            value={form.outcome}
            error={problem("outcome")}
            disabled={form.kind === "forbidden_use"}
            data={OUTCOMES.map((one) => ({ value: one, label: say(`console_risk.outcome_${one}` as Key) }))}
            onChange={(event) => {
              set({ outcome: event.currentTarget.value as Form["outcome"] });
            }}
          />
          {form.outcome === "limit" && (
            <TextInput
              label={t("console_risk.limit_field")}
              inputMode="decimal"
              value={form.limit_to}
              required
              withAsterisk={false}
              error={problem("limit_to")}
              onChange={(event) => {
                set({ limit_to: event.currentTarget.value });
              }}
            />
          )}
          <NativeSelect
            label={t("console_risk.severity")}
            value={form.severity}
            data={SEVERITIES.map((one) => ({ value: one, label: say(`console_risk.severity_${one}` as Key) }))}
            onChange={(event) => {
              set({ severity: event.currentTarget.value as Form["severity"] });
            }}
          />
        </div>
        <Switch
          label={t("console_risk.enabled")}
          checked={form.enabled}
          onChange={(event) => {
            set({ enabled: event.currentTarget.checked });
          }}
        />
        {form.kind !== "forbidden_use" && <DryRun fields={fieldsOf(form, specs)} />}
        <ReasonField value={reason} error={problem("reason")} onChange={setReason} />
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" disabled={reason.trim() === "" || form.name.trim() === ""} loading={sending}>
            {t("console_risk.save_rule")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ParameterProps {
  spec: Spec;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function Parameter({ spec, value, error, onChange }: ParameterProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const label = say(`console_risk.parameter_${spec.name}` as Key);
  if (spec.form === "choices") {
    return (
      <Checkbox.Group label={label} error={error} value={value.split(", ").filter(Boolean)} onChange={(chosen) => { onChange(chosen.join(", ")); }}>
        <Stack gap="xs" mt={4}>
          {spec.choices.map((one) => (
            <Checkbox key={one} value={one} label={say(`console_risk.choice_${one}` as Key)} />
          ))}
        </Stack>
      </Checkbox.Group>
    );
  }
  return (
    <TextInput
      label={label}
      description={spec.optional ? t("console_risk.optional") : spec.form === "whole" ? t("console_risk.between", { least: spec.least, most: spec.most }) : t("console_risk.in_credits")}
      inputMode={spec.form === "credits" ? "decimal" : "numeric"}
      value={value}
      required={!spec.optional}
      withAsterisk={false}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
