import { Button, NativeSelect, Radio, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { ActDialog } from "../ActDialog";
import { canCut, type Kind, KINDS, scopeOf } from "./model";
import { type Level, reachQuery, type Stops, useStops } from "./queries";
import styles from "./stop.module.css";
import { useScopeWords } from "./words";

/** Three questions one after the other: what, how, and what that would meet; then the dialog that wants the word typed. */
export function StopForm({ state }: { state: Stops }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const words = useScopeWords();
  const { set } = useStops();
  const [kind, setKind] = useState<Kind>("all");
  const [named, setNamed] = useState("");
  const [wanted, setLevel] = useState<Level>("block");
  const [acting, setActing] = useState(false);
  const names = kind === "provider" ? state.providers : kind === "model" ? state.models : [];
  const name = names.includes(named) ? named : (names[0] ?? "");
  const scope = scopeOf(kind, name);
  const level: Level = canCut(kind) ? wanted : "block";
  const changes = state.in_force.some((stop) => stop.scope === scope);
  return (
    <Section title={t("console_stop.form")} text={t("console_stop.form_text")}>
      <Stack gap="lg" className={styles.form}>
        <Radio.Group
          label={t("console_stop.what")}
          value={kind}
          onChange={(value) => {
            setKind(value as Kind);
          }}
        >
          <Stack gap="xs" mt="xs">
            {KINDS.map((one) => (
              <Radio key={one} value={one} label={say(`console_stop.kind_${one}` as Key)} />
            ))}
          </Stack>
        </Radio.Group>
        {(kind === "provider" || kind === "model") && (
          <NativeSelect
            label={t(kind === "provider" ? "console_stop.which_provider" : "console_stop.which_model")}
            value={name}
            data={names}
            onChange={(event) => {
              setNamed(event.currentTarget.value);
            }}
          />
        )}
        {canCut(kind) && (
          <Radio.Group
            label={t("console_stop.how")}
            value={level}
            onChange={(value) => {
              setLevel(value as Level);
            }}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="block" label={t("console_stop.block")} description={t("console_stop.block_text")} />
              <Radio value="cut" label={t("console_stop.cut")} description={t("console_stop.cut_text")} />
            </Stack>
          </Radio.Group>
        )}
        {scope !== "" && <ReachLine kind={kind} scope={scope} />}
        <Button
          color="bad"
          size="md"
          disabled={scope === ""}
          onClick={() => {
            setActing(true);
          }}
        >
          {t(changes ? "console_stop.change" : "console_stop.stop")}
        </Button>
      </Stack>
      <ActDialog
        opened={acting}
        onClose={() => {
          setActing(false);
        }}
        title={t("console_stop.confirm_title", { scope })}
        verb={t("console_stop.stop")}
        danger
        fields={[
          { name: "message", label: t("console_stop.message"), description: t("console_stop.message_hint"), long: true, optional: true },
          { name: "typed", label: t("console_stop.typed", { scope }) },
        ]}
        onConfirm={(values) =>
          set({ scope, level, typed: values.typed ?? "", message: values.message ?? "", reason: values.reason ?? "" })
        }
        done={t("console_stop.done")}
      >
        <p>
          {words.stopped(scope)} {t(level === "cut" ? "console_stop.cut_text" : "console_stop.block_text")}
        </p>
      </ActDialog>
    </Section>
  );
}

function ReachLine({ kind, scope }: { kind: Kind; scope: string }) {
  const t = useT();
  const reach = useQuery(reachQuery(scope));
  if (reach.error) return <ErrorNotice error={reach.error} />;
  if (reach.data === undefined) return <p className={styles.reach}>{t("console_stop.reach_asking")}</p>;
  const values = { running: String(reach.data.running), hour: String(reach.data.last_hour), affected: String(reach.data.affected) };
  const key = kind === "recharge" ? "console_stop.reach_recharge" : kind === "signup" ? "console_stop.reach_signup" : "console_stop.reach";
  return (
    <p className={styles.reach} role="status">
      {(t as (key: Key, values: object) => string)(key, values)}
    </p>
  );
}
