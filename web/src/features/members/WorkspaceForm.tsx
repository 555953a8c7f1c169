import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { parse, plain, typed } from "@/lib/money";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { useMay } from "@/ui/workspace";
import styles from "./members.module.css";
import { isLimit } from "./model";
import { type Detail, useTeamActs } from "./queries";

/** Name, daily limit, when to be warned. */
export function WorkspaceForm({ detail }: { detail: Detail }) {
  const t = useT();
  const { settings } = useTeamActs(detail.id);
  const names = useMay("members", "ownership");
  const limits = useMay("limits");
  const [name, setName] = useState(detail.name);
  const [limit, setLimit] = useState(shown(detail.daily_limit));
  const [threshold, setThreshold] = useState(shown(detail.low_balance_threshold));
  const [tried, setTried] = useState(false);
  const errors = fieldErrors(settings.error);
  const changed =
    name !== detail.name || limit !== shown(detail.daily_limit) || threshold !== shown(detail.low_balance_threshold);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || !isLimit(limit) || !isLimit(threshold)) return;
    settings.mutate(
      {
        ...(names && name.trim() !== detail.name && { name: name.trim() }),
        ...(limits && {
          daily_limit: typed(limit),
          no_daily_limit: typed(limit) === null,
          low_balance_threshold: typed(threshold),
          no_low_balance_threshold: typed(threshold) === null,
        }),
      },
      {
        onSuccess: (saved) => {
          setName(saved.name);
          setLimit(shown(saved.daily_limit));
          setThreshold(shown(saved.low_balance_threshold));
          setTried(false);
          toast(t("team.saved"));
        },
      },
    );
  };
  const unit = <span className={styles.quiet}>{t("name.unit")}</span>;
  const amount = { inputMode: "decimal", autoComplete: "off", rightSection: unit, rightSectionWidth: 72, rightSectionPointerEvents: "none" } as const;
  return (
    <Section title={t("team.settings")}>
      <form onSubmit={submit} noValidate className={styles.form}>
        {names && (
          <TextInput
            label={t("team.name")}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
            error={tried && name.trim() === "" ? t("key.wrong_name") : errors.name}
            maxLength={80}
            autoComplete="off"
          />
        )}
        {limits && (
          <>
            <TextInput
              label={t("team.daily_limit")}
              description={t("team.daily_limit_hint")}
              inputWrapperOrder={["label", "input", "description", "error"]}
              placeholder={t("limit.none")}
              value={limit}
              onChange={(event) => {
                setLimit(event.currentTarget.value);
              }}
              error={isLimit(limit) ? errors.daily_limit : t("limit.wrong")}
              {...amount}
            />
            <TextInput
              label={t("team.threshold")}
              description={t("team.threshold_hint")}
              inputWrapperOrder={["label", "input", "description", "error"]}
              placeholder={t("team.threshold_none")}
              value={threshold}
              onChange={(event) => {
                setThreshold(event.currentTarget.value);
              }}
              error={isLimit(threshold) ? errors.low_balance_threshold : t("limit.wrong")}
              {...amount}
            />
          </>
        )}
        <ErrorNotice error={settings.error} />
        <div>
          <Button type="submit" loading={settings.isPending} disabled={!changed}>
            {t("key.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function shown(amount: string | null): string {
  return amount === null ? "" : plain(parse(amount));
}
