import { Button, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import styles from "./alerts.module.css";
import { changesOf } from "./model";
import { protectionQuery, type Threshold, useAlertActs } from "./queries";

/** From where on the platform warns, and whether it may stop something by itself. */
export function Protection() {
  const thresholds = useQuery(protectionQuery);
  return (
    <Result query={thresholds} skeleton={<BlockSkeleton height={360} />}>
      {(now) => <Form now={now} />}
    </Result>
  );
}

function Form({ now }: { now: readonly Threshold[] }) {
  const t = useT();
  const say = t as (key: Key, values?: Record<string, string>) => string;
  const own = useStaffMay("own");
  const acts = useAlertActs();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [saving, setSaving] = useState(false);
  const changes = changesOf(now, typed);
  const set = (name: string, value: string) => {
    setTyped((before) => ({ ...before, [name]: value }));
  };
  return (
    <Section
      title={t("console_alerts.tab_protection")}
      text={t("console_alerts.protection_text")}
      actions={
        own && (
          <Button
            disabled={Object.keys(changes).length === 0}
            onClick={() => {
              setSaving(true);
            }}
          >
            {t("console_alerts.save")}
          </Button>
        )
      }
    >
      <div className={styles.thresholds}>
        {now.map((one) =>
          one.unit === "flag" ? (
            <Switch
              key={one.name}
              label={say(`console_alerts.threshold_${one.name}` as Key)}
              description={t("console_alerts.stop_hint")}
              checked={(typed[one.name] ?? one.value) === "1"}
              disabled={!own}
              onChange={(event) => {
                set(one.name, event.currentTarget.checked ? "1" : "0");
              }}
            />
          ) : (
            <TextInput
              key={one.name}
              label={say(`console_alerts.threshold_${one.name}` as Key)}
              description={say(`console_alerts.unit_${one.unit}` as Key, { initial: one.initial })}
              value={typed[one.name] ?? one.value}
              readOnly={!own}
              inputMode="decimal"
              autoComplete="off"
              onChange={(event) => {
                set(one.name, event.currentTarget.value);
              }}
            />
          ),
        )}
      </div>
      <ActDialog
        opened={saving}
        onClose={() => {
          setSaving(false);
        }}
        title={t("console_alerts.protect")}
        verb={t("console_alerts.save")}
        onConfirm={async (values) => {
          const answer = await acts.protect(changes, values.reason ?? "");
          setTyped({});
          return answer;
        }}
        done={t("console_alerts.saved")}
      >
        {Object.entries(changes)
          .map(([name, value]) => `${say(`console_alerts.threshold_${name}` as Key)}: ${value}`)
          .join(" · ")}
      </ActDialog>
    </Section>
  );
}
