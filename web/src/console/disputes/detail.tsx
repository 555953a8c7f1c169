import { Button, Group, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { typed } from "@/lib/money";
import { type Key, useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { History } from "../History";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { Flag } from "./Flag";
import { type Detail, disputeQuery, useActs } from "./queries";

type ActName = "evidence_sent" | "won" | "lost" | "put_aside" | "write_off" | "unfreeze";

export default function OneDispute() {
  const id = useId();
  const dispute = useQuery(disputeQuery(id));
  return (
    <Result query={dispute} skeleton={<BlockSkeleton height={480} />}>
      {(found) => <Shown dispute={found} />}
    </Result>
  );
}

function Shown({ dispute }: { dispute: Detail }) {
  const money = useStaffMay("money");
  const t = useT();
  return (
    <>
      <ConsoleHeader
        title={t("console_disputes.one_title", { reference: dispute.recharge.reference })}
        back={{ to: "/disputes", label: t("console_disputes.title") }}
        mark={
          <>
            <OrderState of="dispute" state={dispute.state} />
            <Flag flag={dispute.flag} owed={dispute.answer_owed} />
          </>
        }
        lead={dispute.workspace.name}
        actions={
          <Group gap="xs">
            {money && <Evidence id={dispute.id} />}
            <Acts dispute={dispute} />
          </Group>
        }
      />
      <DetailColumns
        side={
          <Section title={t("console_disputes.timeline")}>
            <History steps={dispute.timeline} label={t("console_disputes.timeline")} word={stepWord} />
          </Section>
        }
      >
        <Section title={t("console_disputes.facts")}>
          <Facts facts={factsOf(dispute, t)} />
        </Section>
        <Section title={t("console_disputes.effects")} text={t("console_disputes.effects_text")}>
          <Facts facts={effectsOf(dispute, t)} />
        </Section>
      </DetailColumns>
    </>
  );
}

/** What the bank may be told. Making it is on record. */
function Evidence({ id }: { id: string }) {
  const t = useT();
  const address = `/api/console/disputes/${id}/evidence`;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}>
          {t("console_disputes.evidence")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`${address}.pdf`} download>
          {t("console_disputes.evidence_pdf")}
        </Menu.Item>
        <Menu.Item component="a" href={`${address}.json`} download={`evidence-${id}.json`}>
          {t("console_disputes.evidence_json")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Acts({ dispute }: { dispute: Detail }) {
  const t = useT();
  const say = t as (key: Key, values?: object) => string;
  const acts = useActs(dispute.id);
  const money = useStaffMay("money");
  const freeze = useStaffMay("freeze");
  const [acting, setActing] = useState<ActName | null>(null);
  const reference = dispute.recharge.reference;
  const dialog = (act: ActName) => ({
    opened: acting === act,
    onClose: () => {
      setActing(null);
    },
    title: say(`console_disputes.${act}_title` as Key, { reference, workspace: dispute.workspace.name }),
    verb: say(`console_disputes.${act}` as Key),
    done: say(`console_disputes.${act}_done` as Key, { reference, workspace: dispute.workspace.name }),
  });
  const can: [ActName, boolean][] = [
    ["evidence_sent", money && dispute.may.evidence_sent],
    ["won", money && dispute.may.close],
    ["lost", money && dispute.may.close],
    ["put_aside", money && dispute.may.put_aside],
    ["write_off", money && dispute.may.write_off && dispute.first_approver?.yours !== true],
    ["unfreeze", freeze && dispute.may.unfreeze],
  ];
  return (
    <>
      {can
        .filter(([, may]) => may)
        .map(([act]) => (
          <Button
            key={act}
            variant="default"
            onClick={() => {
              setActing(act);
            }}
          >
            {say(`console_disputes.${act}` as Key)}
          </Button>
        ))}
      <ActDialog {...dialog("evidence_sent")} onConfirm={(values) => acts.evidenceSent(values.reason ?? "")} />
      <ActDialog {...dialog("won")} onConfirm={(values) => acts.close("won", values.reason ?? "")}>
        {t("console_disputes.won_text")}
      </ActDialog>
      <ActDialog {...dialog("put_aside")} onConfirm={(values) => acts.close("closed", values.reason ?? "")}>
        {t("console_disputes.put_aside_text")}
      </ActDialog>
      <ActDialog {...dialog("lost")} danger onConfirm={(values) => acts.close("lost", values.reason ?? "")}>
        {t("console_disputes.lost_text")}
      </ActDialog>
      <ActDialog
        {...dialog("write_off")}
        danger
        fields={[
          {
            name: "credits",
            label: t("console_disputes.write_off_credits"),
            description: t("console_disputes.write_off_hint", { most: dispute.write_off_most }),
            amount: true,
          },
        ]}
        preview={(values) => acts.previewWriteOff(credits(values.credits))}
        onConfirm={(values) => acts.writeOff(credits(values.credits), values.reason ?? "")}
      >
        {t("console_disputes.write_off_text")}
      </ActDialog>
      <ActDialog {...dialog("unfreeze")} onConfirm={(values) => acts.unfreeze(values.reason ?? "")}>
        {t("console_disputes.unfreeze_text")}
      </ActDialog>
    </>
  );
}

function credits(text: string | undefined): string {
  return typed(text ?? "") ?? text ?? "";
}

type Drawn = [name: string, value: ReactNode, drawn?: boolean];

function factsOf(dispute: Detail, t: ReturnType<typeof useT>): [string, ReactNode][] {
  return drawn([
    [
      t("console_disputes.recharge"),
      <ConsoleLink key="order" to={`/recharges/${dispute.recharge.id}`}>
        <code>{dispute.recharge.reference}</code>
      </ConsoleLink>,
    ],
    [t("console_disputes.processor"), dispute.processor],
    [t("console_disputes.external"), <code key="external">{dispute.external_id}</code>],
    [t("console_disputes.reason"), dispute.reason || "—"],
    [t("console_disputes.amount"), <Price key="amount" value={dispute.amount} />],
    [t("console_disputes.due"), <TimeAgo key="due" moment={dispute.evidence_due} />, dispute.evidence_due !== null],
    [t("console_disputes.answered"), <TimeAgo key="sent" moment={dispute.evidence_sent_at} />, dispute.evidence_sent_at !== null],
    [t("console_disputes.opened"), <TimeAgo key="opened" moment={dispute.opened_at} />],
    [t("console_disputes.closed"), <TimeAgo key="closed" moment={dispute.closed_at} />, dispute.closed_at !== null],
  ]);
}

function effectsOf(dispute: Detail, t: ReturnType<typeof useT>): [string, ReactNode][] {
  const say = t as (key: Key) => string;
  return drawn([
    [t("console_disputes.withdrawn"), <Price key="withdrawn" value={dispute.withdrawn} />],
    [t("console_disputes.returned"), <Price key="returned" value={dispute.returned} />],
    [t("console_disputes.booked"), say(`console_disputes.booked_${dispute.booked}` as Key)],
    [t("console_disputes.clawed"), <Money key="clawed" value={dispute.clawed} unit />],
    [t("console_disputes.debt"), <Money key="debt" value={dispute.debt_now} unit />],
    [t("console_disputes.written_off"), <Money key="off" value={dispute.written_off} unit />, dispute.written_off !== "0"],
    [t("console_disputes.frozen"), dispute.frozen ?? t("console_disputes.not_frozen")],
    [t("console_disputes.line"), <code key="line">{dispute.ledger_line}</code>, dispute.ledger_line !== null],
  ]);
}

function drawn(rows: Drawn[]): [string, ReactNode][] {
  return rows.filter(([, , is]) => is !== false).map(([name, value]) => [name, value]);
}

const STEPS: readonly string[] = ["dispute_opened", "dispute_won", "dispute_lost", "evidence_sent", "written_off", "unfrozen"];
const STATES: readonly string[] = ["warned", "inquiry", "open", "under_review", "won", "lost", "closed"];

function stepWord(step: string): Key | undefined {
  if (STATES.includes(step)) return `dispute.state_${step}` as Key;
  return STEPS.includes(step) ? (`console_disputes.step_${step}` as Key) : undefined;
}
