import { Button, Switch, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { parse, plain, typed } from "@/lib/money";
import { absolute } from "@/lib/time";
import { useWords } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { LimitBar } from "@/ui/LimitBar";
import { AnchorLink } from "@/ui/links";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { useZone } from "@/ui/zone";
import styles from "./billing.module.css";
import { isBelowOne, isPositive } from "./model";
import { topUpQuery, type TopUp, useTopUpActs } from "./queries";

/** As /api calls it when a month's ceiling leaves no room for one more. */
const CEILING = "monthly_ceiling";

/** Recharge by itself when the balance is low. Nothing is drawn where no payment service can do it. */
export function AutoTopUp() {
  const { t } = useWords();
  const workspace = useWorkspace();
  const known = useQuery(topUpQuery(workspace.id));
  const now = known.data;
  if (now === undefined) return <ErrorNotice error={known.error} />;
  if (!now.available && !now.enabled && now.saved_method === null) return null;
  return (
    <Section title={t("billing.auto_title")} text={t("billing.auto_text")}>
      {now.saved_method === null ? <p className={styles.quiet}>{t("billing.auto_no_method")}</p> : <Form key={workspace.id} now={now} />}
    </Section>
  );
}

function Form({ now }: { now: TopUp }) {
  const { t } = useWords();
  const workspace = useWorkspace();
  const { change } = useTopUpActs(workspace.id);
  const [enabled, setEnabled] = useState(now.enabled);
  const [threshold, setThreshold] = useState(shown(now.threshold));
  const [credits, setCredits] = useState(shown(now.credits));
  const [ceiling, setCeiling] = useState(shown(now.monthly_ceiling));
  const [tried, setTried] = useState(false);
  const errors = fieldErrors(change.error);
  const unit = <span className={styles.quiet}>{t("name.unit")}</span>;
  const changed =
    enabled !== now.enabled ||
    threshold !== shown(now.threshold) ||
    credits !== shown(now.credits) ||
    ceiling !== shown(now.monthly_ceiling);
  const wrong = (name: string, value: string) => {
    if (!isPositive(value)) return t("billing.auto_wrong");
    return name === "monthly_ceiling" && isBelowOne(credits, ceiling) ? t("billing.auto_ceiling_low") : undefined;
  };
  const amount = (name: "threshold" | "credits" | "monthly_ceiling", value: string, set: (value: string) => void) => ({
    value,
    onChange: (event: { currentTarget: { value: string } }) => {
      set(event.currentTarget.value);
    },
    error: (tried && wrong(name, value)) || errors[name],
    inputMode: "decimal" as const,
    autoComplete: "off",
    rightSection: unit,
    rightSectionWidth: 72,
    rightSectionPointerEvents: "none" as const,
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const terms = { threshold: typed(threshold), credits: typed(credits), monthly_ceiling: typed(ceiling) };
    if (![threshold, credits, ceiling].every(isPositive) || isBelowOne(credits, ceiling)) return;
    if (terms.threshold === null || terms.credits === null || terms.monthly_ceiling === null) return;
    change.mutate(
      { enabled, threshold: terms.threshold, credits: terms.credits, monthly_ceiling: terms.monthly_ceiling },
      {
        onSuccess: (saved) => {
          setEnabled(saved.enabled);
          setThreshold(shown(saved.threshold));
          setCredits(shown(saved.credits));
          setCeiling(shown(saved.monthly_ceiling));
          setTried(false);
          toast(t(saved.enabled ? "billing.auto_on" : "billing.auto_off"));
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate className={styles.form}>
      <Standing now={now} />
      <Switch
        label={t("billing.auto_switch")}
        checked={enabled}
        onChange={(event) => {
          setEnabled(event.currentTarget.checked);
        }}
      />
      <TextInput label={t("billing.auto_threshold")} {...amount("threshold", threshold, setThreshold)} />
      <TextInput label={t("billing.auto_credits")} {...amount("credits", credits, setCredits)} />
      <TextInput
        label={t("billing.auto_ceiling")}
        description={t("billing.auto_ceiling_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        {...amount("monthly_ceiling", ceiling, setCeiling)}
      />
      {Object.keys(errors).length === 0 && <ErrorNotice error={change.error} />}
      <div>
        <Button type="submit" variant="default" loading={change.isPending} disabled={!changed}>
          {t("billing.auto_save")}
        </Button>
      </div>
      {now.saved_method && <Method label={now.saved_method.label} />}
    </form>
  );
}

/** What it did this month, what is on its way, what went wrong. */
function Standing({ now }: { now: TopUp }) {
  const { t, tag } = useWords();
  const workspace = useWorkspace();
  const zone = useZone();
  return (
    <>
      {now.last_failure !== null && (
        <div className={styles.failure} role="status">
          <IconAlertTriangle size={20} stroke={1.5} aria-hidden />
          <p>
            {now.last_failure === CEILING ? t("billing.auto_reached") : t("billing.auto_failed", { reason: now.last_failure.replaceAll("_", " ") })}{" "}
            {now.enabled
              ? now.next_try_at !== null && t("billing.auto_next", { time: absolute(now.next_try_at, tag, zone) })
              : t("billing.auto_switched_off")}
          </p>
        </div>
      )}
      {now.in_flight !== null && (
        <p>
          {t("billing.auto_in_flight")}{" "}
          <AnchorLink to="/w/$ws/orders/$order" params={{ ws: workspace.id, order: now.in_flight }}>
            {t("billing.auto_order")}
          </AnchorLink>
        </p>
      )}
      {now.monthly_ceiling !== null && (
        <LimitBar used={now.spent_this_month} limit={now.monthly_ceiling} label={t("billing.auto_month")}>
          {t("billing.auto_spent", { used: plain(parse(now.spent_this_month)), limit: plain(parse(now.monthly_ceiling)) })}
        </LimitBar>
      )}
    </>
  );
}

function Method({ label }: { label: string }) {
  const { t } = useWords();
  const workspace = useWorkspace();
  const { forget } = useTopUpActs(workspace.id);
  const [asking, setAsking] = useState(false);
  return (
    <div className={styles.method}>
      <p>{t("billing.auto_method", { label })}</p>
      <Button
        variant="subtle"
        color="bad"
        size="compact-sm"
        onClick={() => {
          setAsking(true);
        }}
      >
        {t("billing.auto_forget")}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => {
          setAsking(false);
        }}
        title={t("billing.auto_forget_title", { label })}
        verb={t("billing.auto_forget_verb")}
        danger
        onConfirm={async () => {
          await forget.mutateAsync();
          toast(t("billing.auto_forgotten"));
        }}
      >
        {t("billing.auto_forget_text")}
      </ConfirmDialog>
    </div>
  );
}

function shown(amount: string | null): string {
  return amount === null ? "" : plain(parse(amount));
}
