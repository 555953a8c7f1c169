import { Button, Group } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { type Key, useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink, useId } from "../links";
import { ProposalState } from "./ProposalState";
import { type Detail, proposalQuery, useCreditActs } from "./queries";

type Act = "approve" | "reject" | "withdraw";

export default function OneProposal() {
  const proposal = useQuery(proposalQuery(useId()));
  return (
    <Result query={proposal} skeleton={<BlockSkeleton height={320} />}>
      {(found) => <Shown proposal={found} />}
    </Result>
  );
}

function Shown({ proposal }: { proposal: Detail }) {
  const t = useT();
  const kind = (t as (key: Key) => string)(`console_credits.kind_${proposal.kind}` as Key);
  return (
    <>
      <ConsoleHeader
        title={kind}
        back={{ to: "/credits", label: t("console_credits.title") }}
        mark={<ProposalState row={proposal} />}
        lead={proposal.workspace.name}
        actions={<Acts proposal={proposal} kind={kind} />}
      />
      <div className={styles.stack}>
        <Notice proposal={proposal} />
        <Section title={t("console_credits.facts")}>
          <Facts facts={factsOf(proposal, t)} />
        </Section>
        <Section title={t("console_credits.inside")} text={t("console_credits.inside_text")}>
          <Facts facts={insideOf(proposal, t)} />
        </Section>
      </div>
    </>
  );
}

/** Why the reader cannot decide, while somebody else can. */
function Notice({ proposal }: { proposal: Detail }) {
  const t = useT();
  if (proposal.state !== "open" || proposal.may.approve) return null;
  return (
    <p className={styles.notice} role="status">
      <IconUsers size={16} stroke={1.5} aria-hidden />
      {t(proposal.yours ? "console_credits.own" : "console_credits.waits")}
    </p>
  );
}

function Acts({ proposal, kind }: { proposal: Detail; kind: string }) {
  const t = useT();
  const acts = useCreditActs();
  const [act, setAct] = useState<Act | null>(null);
  const dialog = (name: Act) => ({
    opened: act === name,
    onClose: () => {
      setAct(null);
    },
    title: t(`console_credits.${name}_title`, { kind }),
    done: t(`console_credits.${name}_done`),
  });
  const button = (name: Act, word: string, filled = false) =>
    proposal.may[name] && (
      <Button
        variant={filled ? "filled" : "default"}
        onClick={() => {
          setAct(name);
        }}
      >
        {word}
      </Button>
    );
  return (
    <Group gap="xs">
      {button("withdraw", t("console_credits.withdraw"))}
      {button("reject", t("console.reject"))}
      {button("approve", t("console.approve"), true)}
      <ActDialog
        {...dialog("approve")}
        verb={t("console.approve")}
        preview={() => acts.previewApproval(proposal.id)}
        onConfirm={(values) => acts.approve(proposal.id, values.reason ?? "")}
      >
        {t("console_credits.approve_text")}
      </ActDialog>
      <ActDialog {...dialog("reject")} verb={t("console.reject")} danger onConfirm={(values) => acts.reject(proposal.id, values.reason ?? "")}>
        {t("console_credits.nothing_booked")}
      </ActDialog>
      <ActDialog {...dialog("withdraw")} verb={t("console_credits.withdraw")} onConfirm={(values) => acts.withdraw(proposal.id, values.reason ?? "")}>
        {t("console_credits.nothing_booked")}
      </ActDialog>
    </Group>
  );
}

type Shown = [name: string, value: ReactNode];

function factsOf(proposal: Detail, t: ReturnType<typeof useT>): Shown[] {
  return [
    [t("console_credits.credits"), <Money key="credits" value={proposal.credits} signed unit />],
    ...(proposal.kind === "promo"
      ? [[t("console_credits.expires"), proposal.expires_at === null ? t("console_credits.never") : <TimeAgo key="ends" moment={proposal.expires_at} />] as Shown]
      : []),
    ...(proposal.request === null
      ? []
      : [
          [
            t("console_credits.request"),
            <ConsoleLink key="request" to="/credits/charge" search={{ request: proposal.request }}>
              <code>{proposal.request}</code>
            </ConsoleLink>,
          ] as Shown,
        ]),
    [t("console_credits.note"), proposal.note],
    [
      t("console_credits.workspace_id"),
      <ConsoleLink key="workspace" to={`/workspaces/${proposal.workspace.id}`}>
        <code>{proposal.workspace.id}</code>
      </ConsoleLink>,
    ],
    ...(proposal.ledger_line === null ? [] : [[t("console_credits.line"), <code key="line">{proposal.ledger_line}</code>] as Shown]),
  ];
}

function insideOf(proposal: Detail, t: ReturnType<typeof useT>): Shown[] {
  const who = (person: { name: string; yours: boolean }) => (person.yours ? t("console_credits.you") : person.name);
  return [
    [t("console_credits.proposer"), who(proposal.proposer)],
    [t("console_credits.made"), <TimeAgo key="made" moment={proposal.created_at} />],
    [t("console.reason"), proposal.reason],
    ...(proposal.state === "open" ? [[t("console_credits.open_until"), <TimeAgo key="until" moment={proposal.open_until} />] as Shown] : []),
    ...(proposal.decider === null ? [] : [[t("console_credits.decider"), who(proposal.decider)] as Shown]),
    ...(proposal.decided_at === null ? [] : [[t("console_credits.decided"), <TimeAgo key="decided" moment={proposal.decided_at} />] as Shown]),
    ...(proposal.answer === "" ? [] : [[t("console_credits.answer"), proposal.answer] as Shown]),
    [t("console_credits.threshold"), <Money key="threshold" value={proposal.threshold} unit />],
  ];
}
