import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { typed } from "@/lib/money";
import { type Key, useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { type Mode, MODES, type Policy, policyQuery, useActs } from "./queries";

/** Who may make an account, what a new person is given, where both are set; and the dialog that decides it. */
export function PolicySection() {
  const t = useT();
  const policy = useQuery(policyQuery);
  const [deciding, setDeciding] = useState(false);
  return (
    <Result query={policy} skeleton={<BlockSkeleton height={160} />}>
      {(found) => (
        <Section
          title={t("console_access.policy")}
          text={found.stopped ? t("console_access.stopped") : undefined}
          actions={
            <Button
              variant="default"
              onClick={() => {
                setDeciding(true);
              }}
            >
              {t("console_access.decide")}
            </Button>
          }
        >
          <PolicyFacts policy={found} />
          {deciding && (
            <DecideDialog
              policy={found}
              onClose={() => {
                setDeciding(false);
              }}
            />
          )}
        </Section>
      )}
    </Result>
  );
}

function PolicyFacts({ policy }: { policy: Policy }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const from = (source: Policy["sign_up_from"]) => <small>{say(`console_access.from_${source}` as Key)}</small>;
  return (
    <Facts
      facts={[
        [
          t("console_access.sign_up"),
          <span key="mode" className={styles.two}>
            {say(`console_access.mode_${policy.sign_up}` as Key)}
            {from(policy.sign_up_from)}
          </span>,
        ],
        [
          t("console_access.starter"),
          <span key="starter" className={styles.two}>
            <Money value={policy.starter_credits} unit />
            {from(policy.starter_credits_from)}
          </span>,
        ],
        [t("console_access.starter_days"), policy.starter_days],
      ]}
    />
  );
}

function DecideDialog({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const t = useT();
  const say = t as (key: Key, values?: object) => string;
  const acts = useActs();
  const [mode, setMode] = useState<Mode | "">(policy.sign_up_from === "console" ? policy.sign_up : "");
  return (
    <ActDialog
      opened
      onClose={onClose}
      title={t("console_access.decide")}
      verb={t("console_access.save")}
      fields={[
        {
          name: "starter_credits",
          label: t("console_access.starter"),
          description: t("console_access.starter_hint", { configured: policy.starter_credits_configured }),
          amount: true,
          optional: true,
          initial: policy.starter_credits_from === "console" ? policy.starter_credits : "",
        },
      ]}
      onConfirm={(values) =>
        acts.decide({
          sign_up: mode === "" ? null : mode,
          starter_credits: values.starter_credits ? (typed(values.starter_credits) ?? values.starter_credits) : null,
          reason: values.reason ?? "",
        })
      }
      done={t("console_access.decided")}
    >
      <p>{t("console_access.decide_text")}</p>
      <NativeSelect
        label={t("console_access.sign_up")}
        value={mode}
        data={[
          { value: "", label: t("console_access.as_configured", { mode: say(`console_access.mode_${policy.sign_up_configured}` as Key) }) },
          ...MODES.map((one) => ({ value: one as string, label: say(`console_access.mode_${one}` as Key) })),
        ]}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          setMode(MODES.find((one) => one === chosen) ?? "");
        }}
      />
    </ActDialog>
  );
}
