import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";

import { supportKey } from "@/api/queries";
import { type Key, useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Facts } from "@/ui/Facts";
import { AnchorLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { Section, Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useMay, useWorkspace } from "@/ui/workspace";
import { markRead, type Ticket, ticketQuery, useTicketActs } from "./queries";
import { Reply } from "./Reply";
import { StateBadge } from "./StateBadge";
import styles from "./support.module.css";
import { Thread } from "./Thread";

/** One request: what was said, what it is about, and the next word. */
export default function TicketPage() {
  const t = useT();
  const { ticket: id = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const ticket = useQuery(ticketQuery(workspace.id, id));
  useRead(workspace.id, id, ticket.data);
  return (
    <>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/support" params={{ ws: workspace.id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("support.requests")}
        </AnchorLink>
      </p>
      <Result query={ticket} skeleton={<BlockSkeleton height={420} />}>
        {(data) => <Opened ticket={data} />}
      </Result>
    </>
  );
}

function Opened({ ticket }: { ticket: Ticket }) {
  const t = useT();
  const { id } = useWorkspace();
  const { solve, reopen, answer } = useTicketActs(id, ticket.id);
  const solved = ticket.state === "solved";
  const act = solved ? reopen : solve;
  return (
    <>
      <PageHeader
        title={ticket.subject}
        lead={
          <span className={styles.mark}>
            <StateBadge state={ticket.state} />
            {ticket.due_at !== null && (
              <span>
                {t("support.due")} <TimeAgo moment={ticket.due_at} />
              </span>
            )}
            {ticket.state === "waiting" && <span>{t("support.your_turn")}</span>}
          </span>
        }
        actions={
          <Button
            variant="default"
            loading={act.isPending}
            onClick={() => {
              act.mutate();
            }}
          >
            {t(solved ? "support.reopen" : "support.solve")}
          </Button>
        }
      />
      <Sections>
        <ErrorNotice error={act.error} />
        <Thread messages={ticket.messages} file={(upload) => `/api/workspaces/${id}/tickets/${ticket.id}/attachments/${upload}`} />
        <Reply workspace={id} answer={answer} solved={solved} />
        <About ticket={ticket} />
      </Sections>
    </>
  );
}

function About({ ticket }: { ticket: Ticket }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const money = (["account_email", "payment_method", "payment_reference", "amount", "reason"] as const).flatMap((field) => {
    const value = ticket[field];
    return value === null ? [] : [[say(`support.${field}` as Key), value] as const];
  });
  return (
    <Section title={t("support.details")}>
      <Facts
        facts={[
          [t("support.category"), say(`support.category_${ticket.category}` as Key)],
          [t("support.opened"), <TimeAgo key="opened" moment={ticket.created_at} />],
          ...money,
          ...ticket.about.map((one) => [say(`support.kind_${one.kind}` as Key), <Thing key={one.id} kind={one.kind} id={one.id} known={one.known} />] as const),
          ...(ticket.browser === null ? [] : [[t("support.browser_name"), ticket.browser] as const]),
          [
            t("support.id"),
            <span key="id" className={styles.id}>
              <code>{ticket.id}</code>
              <CopyButton text={ticket.id} label={t("support.copy_id")} />
            </span>,
          ],
        ]}
      />
    </Section>
  );
}

function Thing({ kind, id, known }: { kind: string; id: string; known: boolean }) {
  const t = useT();
  const ws = useWorkspace().id;
  const seesLedger = useMay("ledger");
  const code = <code className={styles.code}>{id}</code>;
  if (!known)
    return (
      <>
        {code} <small>{t("support.unknown")}</small>
      </>
    );
  if (kind === "request") return <AnchorLink to="/w/$ws/usage/$request" params={{ ws, request: id }}>{code}</AnchorLink>;
  if (kind === "ledger" && seesLedger) return <AnchorLink to="/w/$ws/ledger/$line" params={{ ws, line: id }}>{code}</AnchorLink>;
  if (kind === "key") return <AnchorLink to="/w/$ws/keys/$key" params={{ ws, key: id }}>{code}</AnchorLink>;
  return code;
}

/** Whoever looks at the thread has read it. */
function useRead(workspace: string, id: string, ticket: Ticket | undefined) {
  const client = useQueryClient();
  const latest = ticket?.messages.findLast((message) => message.by === "staff")?.id;
  useEffect(() => {
    if (latest === undefined) return;
    markRead(workspace, id).then(
      () => client.invalidateQueries({ queryKey: [...supportKey(workspace), "summary"] }),
      () => undefined, // the next look counts
    );
  }, [client, workspace, id, latest]);
}
