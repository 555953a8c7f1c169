import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useWords } from "@/locales";
import { Facts } from "@/ui/Facts";
import { LimitBar } from "@/ui/LimitBar";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { useId } from "../links";
import { useStaffMay } from "../session";
import { type ActName, Acts } from "./Acts";
import { HealthSection } from "./Health";
import { type Detail, providerQuery, type Row } from "./queries";
import { ReconciliationSection } from "./Reconciliation";
import { RoutesSection } from "./Routes";
import { KeyFact, ProviderState } from "./State";
import { TestCall } from "./TestCall";

export default function OneProvider() {
  const id = useId();
  const provider = useQuery(providerQuery(id));
  return (
    <Result query={provider} skeleton={<BlockSkeleton height={480} />}>
      {(found) => <Shown provider={found} />}
    </Result>
  );
}

function Shown({ provider }: { provider: Detail }) {
  const { t } = useWords();
  const mayChange = useStaffMay("own");
  const [acting, setActing] = useState<ActName | null>(null);
  const [testing, setTesting] = useState(false);
  const opens = (act: ActName) => () => {
    setActing(act);
  };
  return (
    <>
      <ConsoleHeader
        title={provider.name}
        back={{ to: "/providers", label: t("console_providers.title") }}
        mark={<ProviderState row={provider} />}
        lead={provider.base_url}
        actions={
          mayChange && (
            <Group gap="xs">
              <Button variant="default" onClick={opens(provider.enabled ? "disable" : "enable")}>
                {t(provider.enabled ? "console_providers.disable" : "console_providers.enable")}
              </Button>
              <Button
                onClick={() => {
                  setTesting(true);
                }}
              >
                {t("console_providers.test")}
              </Button>
            </Group>
          )
        }
      />
      <DetailColumns
        side={
          <>
            <Section title={t("console_providers.caps")} text={t("console_providers.caps_hint")} actions={mayChange && <Change onClick={opens("caps")} what="caps" />}>
              <div className={styles.stack}>
                <Cap use={provider.day} span="today" />
                <Cap use={provider.month} span="month" />
              </div>
            </Section>
            <Section title={t("console_providers.account")}>
              <div className={styles.stack}>
                <Facts
                  facts={[
                    [t("console_providers.kind"), t(`console_providers.kind_${provider.kind as "openai"}`)],
                    [t("console_providers.key"), <KeyFact key="key" of={provider.key} />],
                    [t("console_providers.bound"), provider.max_in_flight ?? t("console_providers.bound_none")],
                    [t("console_providers.private"), t(provider.allow_private ? "console_providers.private_yes" : "console_providers.private_no")],
                  ]}
                />
                {mayChange && (
                  <Group gap="xs">
                    <Button variant="default" size="compact-md" onClick={opens("key")}>
                      {t("console_providers.replace_key")}
                    </Button>
                    {provider.key.is_set && (
                      <Button variant="default" size="compact-md" onClick={opens("forget")}>
                        {t("console_providers.forget")}
                      </Button>
                    )}
                    <Button variant="default" size="compact-md" onClick={opens("address")}>
                      {t("console_providers.change_address")}
                    </Button>
                    <Button variant="default" size="compact-md" onClick={opens("bound")}>
                      {t("console_providers.change_bound")}
                    </Button>
                  </Group>
                )}
              </div>
            </Section>
          </>
        }
      >
        <HealthSection provider={provider.name} />
      </DetailColumns>
      {/* Tables of numbers take the whole width. */}
      <RoutesSection provider={provider} />
      <ReconciliationSection provider={provider} />
      <Acts
        provider={provider}
        acting={acting}
        onClose={() => {
          setActing(null);
        }}
      />
      <TestCall
        provider={provider}
        opened={testing}
        onClose={() => {
          setTesting(false);
        }}
      />
    </>
  );
}

function Change({ onClick, what }: { onClick: () => void; what: "caps" }) {
  const { t } = useWords();
  return (
    <Button variant="default" size="compact-md" onClick={onClick}>
      {t(`console_providers.change_${what}`)}
    </Button>
  );
}

function Cap({ use, span }: { use: Row["day"]; span: "today" | "month" }) {
  const { t } = useWords();
  const title = t(`console_providers.${span}`);
  const words = (
    <Facts
      facts={[
        [title, <Money key="spent" value={use.spent} />],
        [t("console_providers.held"), <Money key="held" value={use.held} />],
        [t("console_providers.cap"), use.cap === null ? t("console_providers.no_cap") : <Money key="cap" value={use.cap} />],
        [t("console_providers.resets"), <TimeAgo key="resets" moment={use.resets_at} />],
      ]}
    />
  );
  if (use.cap === null) return words;
  return (
    <LimitBar used={use.spent} limit={use.cap} label={title}>
      {words}
    </LimitBar>
  );
}
