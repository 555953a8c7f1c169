import { Badge, Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ask } from "@/api/client";
import { type Key, useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { Answer } from "./Answer";
import { Assignee } from "./Assignee";
import { type ConsoleTicket, KEY, ticketQuery } from "./queries";
import { StateBadge } from "./StateBadge";
import styles from "./support.module.css";
import { Thread } from "./Thread";

/** One request as staff work on it. */
export default function SupportDetail() {
  const t = useT();
  const id = useId();
  const ticket = useQuery(ticketQuery(id));
  return (
    <Result query={ticket} skeleton={<BlockSkeleton height={420} />}>
      {(data) => (
        <>
          <ConsoleHeader
            title={data.subject}
            mark={
              <>
                <StateBadge state={data.state} />
                {data.overdue && <Badge color="bad">{t("console_support.late")}</Badge>}
              </>
            }
            lead={
              data.due_at !== null && (
                <span>
                  {t("support.due")} <TimeAgo moment={data.due_at} />
                </span>
              )
            }
            back={{ to: "/support", label: t("nav.support") }}
            actions={<StateAct ticket={data} />}
          />
          <DetailColumns side={<Side ticket={data} />}>
            <Thread messages={data.messages} />
            <Answer ticket={data} />
          </DetailColumns>
        </>
      )}
    </Result>
  );
}

function StateAct({ ticket }: { ticket: ConsoleTicket }) {
  const t = useT();
  const client = useQueryClient();
  const may = useStaffMay("tickets");
  const [acting, setActing] = useState(false);
  const solved = ticket.state === "solved";
  const path = solved ? "/api/console/tickets/{ticket}/reopen" : "/api/console/tickets/{ticket}/solve";
  if (!may) return null;
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setActing(true);
        }}
      >
        {t(solved ? "support.reopen" : "support.solve")}
      </Button>
      <ActDialog
        opened={acting}
        onClose={() => {
          setActing(false);
        }}
        title={t(solved ? "console_support.reopen_title" : "console_support.solve_title")}
        verb={t(solved ? "support.reopen" : "support.solve")}
        onConfirm={async ({ reason = "" }) => {
          const done = await ask(api.POST(path, { params: { path: { ticket: ticket.id } }, body: { reason } }));
          await client.invalidateQueries({ queryKey: KEY });
          return done;
        }}
        done={t(solved ? "console_support.reopened" : "console_support.solved")}
      >
        {t(solved ? "console_support.reopen_text" : "console_support.solve_text")}
      </ActDialog>
    </>
  );
}

/* The pages of the console that show what a request is about. */
const PAGES: Record<string, string> = { order: "/recharges", refund: "/refunds" };

function Side({ ticket }: { ticket: ConsoleTicket }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const money = (["account_email", "payment_method", "payment_reference", "amount", "reason"] as const).flatMap((field) => {
    const value = ticket[field];
    return value === null ? [] : [[say(`support.${field}` as Key), value] as const];
  });
  return (
    <>
      <Assignee ticket={ticket} />
      <Section title={t("support.details")}>
        <Facts
          facts={[
            [t("support.category"), say(`support.category_${ticket.category}` as Key)],
            [t("support.opened"), <TimeAgo key="opened" moment={ticket.created_at} />],
            [
              t("console_support.person"),
              <span key="person" className={styles.person}>
                {ticket.person_name}
                <small>{ticket.person_email}</small>
                <Id id={ticket.person} />
              </span>,
            ],
            [
              t("console_support.workspace"),
              <span key="workspace" className={styles.person}>
                {ticket.workspace_name}
                <Id id={ticket.workspace} />
              </span>,
            ],
            ...money,
            ...ticket.about.map((one) => {
              const page = PAGES[one.kind];
              return [
                say(`support.kind_${one.kind}` as Key),
                <span key={one.id} className={styles.person}>
                  {page === undefined ? (
                    <Id id={one.id} />
                  ) : (
                    <ConsoleLink to={`${page}/${one.id}`}>
                      <code>{one.id}</code>
                    </ConsoleLink>
                  )}
                  {!one.known && <small>{t("console_support.unknown")}</small>}
                </span>,
              ] as const;
            }),
            ...(ticket.browser === null ? [] : [[t("support.browser_name"), ticket.browser] as const]),
            [t("support.id"), <Id key="id" id={ticket.id} />],
          ]}
        />
      </Section>
    </>
  );
}

function Id({ id }: { id: string }) {
  const t = useT();
  return (
    <span className={styles.id}>
      <code>{id}</code>
      <CopyButton text={id} label={t("console_support.copy", { id })} />
    </span>
  );
}
