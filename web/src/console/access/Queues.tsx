import { Button, Group } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog, type ActField } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import { type Queues, useActs } from "./queries";

type Waiting = Queues["waiting"][number];
type Asker = Queues["requests"][number];
type Invitation = Queues["invitations"][number];

/** What is being decided, and about whom. */
type Acting = { act: "approve" | "decline"; row: Waiting } | { act: "invite_asker" | "decline_asker"; row: Asker } | { act: "revoke"; row: Invitation } | { act: "invite" } | null;

/** Sign-ups that wait, requests for access, open invitations; and the dialogs that answer them. */
export function QueuesSection({ queues }: { queues: Queues }) {
  const t = useT();
  const [acting, setActing] = useState<Acting>(null);
  const none = <p className={styles.none}>{t("console_people.none")}</p>;
  const two = (first: React.ReactNode, second: React.ReactNode) => (
    <span className={styles.two}>
      {first}
      <small>{second}</small>
    </span>
  );
  const waiting: Column<Waiting>[] = [
    { id: "email", header: t("console_people.person"), primary: true, cell: (row) => two(<ConsoleLink to={`/users/${row.id}`}>{row.email}</ConsoleLink>, row.name) },
    { id: "verified", header: t("console_people.verified"), cell: (row) => t(row.verified ? "console_people.yes" : "console_people.no") },
    { id: "since", header: t("console_access.signed_up"), cell: (row) => <TimeAgo moment={row.signed_up_at} /> },
    {
      id: "act",
      header: t("console_access.answer"),
      action: true,
      cell: (row) => (
        <Pair of={row.email} yes={t("console.approve")} onYes={() => { setActing({ act: "approve", row }); }} no={t("console_access.decline")} onNo={() => { setActing({ act: "decline", row }); }} />
      ),
    },
  ];
  const requests: Column<Asker>[] = [
    { id: "email", header: t("console_people.person"), primary: true, cell: (row) => two(row.email, row.name) },
    { id: "message", header: t("console_access.message"), cell: (row) => <span className={styles.lines}>{row.message}</span> },
    { id: "at", header: t("console_access.asked"), cell: (row) => <TimeAgo moment={row.requested_at} /> },
    {
      id: "act",
      header: t("console_access.answer"),
      action: true,
      cell: (row) => (
        <Pair of={row.email} yes={t("console_access.invite")} onYes={() => { setActing({ act: "invite_asker", row }); }} no={t("console_access.decline")} onNo={() => { setActing({ act: "decline_asker", row }); }} />
      ),
    },
  ];
  const invitations: Column<Invitation>[] = [
    { id: "email", header: t("console_people.person"), primary: true, cell: (row) => row.email },
    { id: "by", header: t("console_access.invited_by"), cell: (row) => row.invited_by ?? "—" },
    { id: "ends", header: t("console_access.ends"), cell: (row) => (row.expired ? t("console_access.expired") : <TimeAgo moment={row.expires_at} />) },
    {
      id: "act",
      header: t("console_access.revoke"),
      action: true,
      cell: (row) => (
        <RowButton of={row.email} onClick={() => { setActing({ act: "revoke", row }); }}>
          {t("console_access.revoke")}
        </RowButton>
      ),
    },
  ];
  return (
    <>
      <Section title={t("console_access.waiting")} bare>
        <DataTable label={t("console_access.waiting")} columns={waiting} rows={queues.waiting} rowKey={(row) => row.id} empty={none} />
      </Section>
      <Section title={t("console_access.requests")} bare>
        <DataTable label={t("console_access.requests")} columns={requests} rows={queues.requests} rowKey={(row) => row.id} empty={none} />
      </Section>
      <Section
        title={t("console_access.invitations")}
        bare
        actions={
          <Button
            variant="default"
            leftSection={<IconUserPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => { setActing({ act: "invite" }); }}
          >
            {t("console_access.invite_somebody")}
          </Button>
        }
      >
        <DataTable label={t("console_access.invitations")} columns={invitations} rows={queues.invitations} rowKey={(row) => row.id} empty={none} />
      </Section>
      {acting && <Answer acting={acting} onClose={() => { setActing(null); }} />}
    </>
  );
}

interface PairProps {
  of: string;
  yes: string;
  onYes: () => void;
  no: string;
  onNo: () => void;
}

function Pair({ of, yes, onYes, no, onNo }: PairProps) {
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <RowButton of={of} onClick={onNo}>
        {no}
      </RowButton>
      <RowButton of={of} onClick={onYes}>
        {yes}
      </RowButton>
    </Group>
  );
}

function Answer({ acting, onClose }: { acting: NonNullable<Acting>; onClose: () => void }) {
  const t = useT();
  const acts = useActs();
  const message: ActField = { name: "message", label: t("console_people.message"), description: t("console_access.message_hint"), long: true, optional: true };
  const common = { opened: true, onClose };
  switch (acting.act) {
    case "approve":
      return (
        <ActDialog {...common} title={t("console_access.approve_title", { name: acting.row.email })} verb={t("console.approve")} done={t("console_access.approved", { name: acting.row.email })} onConfirm={(values) => acts.approve(acting.row.id, values.reason ?? "")}>
          {t("console_access.approve_text")}
        </ActDialog>
      );
    case "decline":
      return (
        <ActDialog {...common} danger title={t("console_access.decline_title", { name: acting.row.email })} verb={t("console_access.decline")} fields={[message]} done={t("console_access.declined", { name: acting.row.email })} onConfirm={(values) => acts.decline(acting.row.id, { message: values.message ?? "", reason: values.reason ?? "" })}>
          {t("console_access.decline_text")}
        </ActDialog>
      );
    case "invite_asker":
      return (
        <ActDialog {...common} title={t("console_access.invite_title", { name: acting.row.email })} verb={t("console_access.invite")} done={t("console_access.invited", { name: acting.row.email })} onConfirm={(values) => acts.inviteAsker(acting.row.id, values.reason ?? "")}>
          {t("console_access.invite_text")}
        </ActDialog>
      );
    case "decline_asker":
      return (
        <ActDialog {...common} danger title={t("console_access.decline_title", { name: acting.row.email })} verb={t("console_access.decline")} fields={[message]} done={t("console_access.declined", { name: acting.row.email })} onConfirm={(values) => acts.declineAsker(acting.row.id, { message: values.message ?? "", reason: values.reason ?? "" })}>
          {t("console_access.decline_asker_text")}
        </ActDialog>
      );
    case "revoke":
      return (
        <ActDialog {...common} danger title={t("console_access.revoke_title", { name: acting.row.email })} verb={t("console_access.revoke")} done={t("console_access.revoked", { name: acting.row.email })} onConfirm={(values) => acts.revoke(acting.row.id, values.reason ?? "")}>
          {t("console_access.revoke_text")}
        </ActDialog>
      );
    case "invite":
      return (
        <ActDialog {...common} title={t("console_access.invite_somebody")} verb={t("console_access.invite")} fields={[{ name: "email", label: t("console_access.email") }]} done={t("console_access.invited_somebody")} onConfirm={(values) => acts.invite({ email: values.email ?? "", reason: values.reason ?? "" })}>
          {t("console_access.invite_text")}
        </ActDialog>
      );
  }
}
