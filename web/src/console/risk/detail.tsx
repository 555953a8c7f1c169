import { Alert, Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT, useWords } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { Decide } from "./Decide";
import { Found } from "./Found";
import { SeverityMark, StateMark } from "./Marks";
import { Notes } from "./Notes";
import { type Case, caseQuery, useActs } from "./queries";
import styles from "./risk.module.css";
import { SpendPlot } from "./SpendPlot";

export default function OneCase() {
  const id = useId();
  const found = useQuery(caseQuery(id));
  return (
    <Result query={found} skeleton={<BlockSkeleton height={480} />}>
      {(one) => <Shown found={one} />}
    </Result>
  );
}

function Shown({ found }: { found: Case }) {
  const t = useT();
  return (
    <>
      <ConsoleHeader
        title={t("console_risk.one_title", { workspace: found.workspace.name })}
        back={{ to: "/risk", label: t("console_risk.title") }}
        mark={
          <>
            <StateMark state={found.state} />
            <SeverityMark severity={found.severity} />
          </>
        }
        actions={<Decide found={found} />}
      />
      {found.yours && (
        <Alert color="warn" mb="md">
          {t("console_risk.yours")}
        </Alert>
      )}
      <DetailColumns
        side={
          <>
            <Section title={t("console_risk.about")} actions={<Trust found={found} />}>
              <About found={found} />
            </Section>
            <Section title={t("console_risk.notes")}>
              <Notes found={found} />
            </Section>
            {found.earlier.length > 0 && (
              <Section title={t("console_risk.earlier")}>
                <ul className={styles.notes}>
                  {found.earlier.map((one) => (
                    <li key={one.id}>
                      <Group gap="xs">
                        <ConsoleLink to={`/risk/${one.id}`}>
                          <TimeAgo moment={one.opened_at} />
                        </ConsoleLink>
                        <StateMark state={one.state} />
                      </Group>
                      {one.reason !== "" && <p className={styles.quiet}>{one.reason}</p>}
                    </li>
                  ))}
                </ul>
              </Section>
            )}
          </>
        }
      >
        <Section title={t("console_risk.found")} text={t("console_risk.found_text")}>
          {found.found.map((hit) => (
            <Found key={hit.id} hit={hit} caseId={found.id} yours={found.yours} />
          ))}
        </Section>
        <Section title={t("console_risk.spent")}>
          <SpendPlot days={found.days} />
        </Section>
      </DetailColumns>
    </>
  );
}

function About({ found }: { found: Case }) {
  const { t } = useWords();
  const say = t as (key: Key) => string;
  return (
    <Facts
      facts={[
        [t("console_risk.workspace"), <ConsoleLink key="workspace" to={`/workspaces/${found.workspace.id}`}>{found.workspace.name}</ConsoleLink>],
        [
          t("console_risk.owner"),
          found.owner === null ? "—" : <ConsoleLink key="owner" to={`/users/${found.owner}`}>{found.email ?? found.owner}</ConsoleLink>,
        ],
        [t("console_risk.frozen"), found.frozen_reason ?? say("console_risk.no")],
        [t("console_risk.daily_limit"), <Money key="limit" value={found.daily_limit} />],
        [t("console_risk.trusted"), found.trusted ?? say("console_risk.no")],
        [t("console_risk.opened"), <TimeAgo key="opened" moment={found.opened_at} />],
        [t("console_risk.due"), <TimeAgo key="due" moment={found.due_at} />],
        [t("console_risk.assignee"), found.assignee?.name ?? "—"],
        ...(found.decided_at === null
          ? []
          : ([
              [t("console_risk.decided_by"), found.decided_by ?? "—"],
              [t("console_risk.decided"), <TimeAgo key="decided" moment={found.decided_at} />],
              [t("console.reason"), found.reason],
            ] as const)),
      ]}
    />
  );
}

/** An owner vouches for a workspace, or no longer. */
function Trust({ found }: { found: Case }) {
  const t = useT();
  const may = useStaffMay("own");
  const acts = useActs(found.id);
  const [opened, setOpened] = useState(false);
  if (!may || found.yours) return null;
  const trusted = found.trusted !== null;
  const verb = t(trusted ? "console_risk.distrust" : "console_risk.trust");
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => {
          setOpened(true);
        }}
      >
        {verb}
      </Button>
      <ActDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t(trusted ? "console_risk.distrust_title" : "console_risk.trust_title", { workspace: found.workspace.name })}
        verb={verb}
        onConfirm={(values) => acts.trust(found.workspace.id, !trusted, values.reason ?? "")}
        done={t(trusted ? "console_risk.distrust_done" : "console_risk.trust_done", { workspace: found.workspace.name })}
      >
        {t("console_risk.trust_text")}
      </ActDialog>
    </>
  );
}
