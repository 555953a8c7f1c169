import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { type Key, useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { AdjustCredits } from "../credits/AdjustCredits";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { Frozen } from "../users/Frozen";
import { Marks } from "../users/Marks";
import { Tickets } from "../users/Tickets";
import { type Acting, Acts } from "./Acts";
import { Flags } from "./Flags";
import { type Detail, workspaceQuery } from "./queries";
import { Keys, Members, Orders, Requests, Running } from "./Tables";

export default function OneWorkspace() {
  const workspace = useQuery(workspaceQuery(useId()));
  return (
    <Result query={workspace} skeleton={<BlockSkeleton height={480} />}>
      {(found) => <Shown workspace={found} />}
    </Result>
  );
}

function Shown({ workspace }: { workspace: Detail }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const [acting, setActing] = useState<Acting>(null);
  const reads = useStaffMay("audit");
  const acts = useStaffMay("freeze") && !workspace.yours && workspace.deleted_at === null;
  return (
    <>
      <ConsoleHeader
        title={workspace.name}
        lead={say(`console_people.kind_${workspace.kind}` as Key)}
        mark={
          <Marks
            frozen={workspace.freeze !== null}
            deleted={workspace.deleted_at !== null}
            pending={workspace.pending}
            owed={workspace.wallet.owed !== "0"}
          />
        }
        back={{ to: "/workspaces", label: t("console_people.workspaces") }}
        actions={acts && <Buttons workspace={workspace} onAct={setActing} />}
      />
      <div className={styles.stack}>
        {workspace.yours && <p className={styles.notice}>{t("console_people.yours")}</p>}
        <Frozen freeze={workspace.freeze} text={workspace.frozen_with_person ? t("console_people.with_person") : undefined} />
        <DetailColumns
          side={
            <>
              <Section title={t("console_people.limits")}>
                <Facts facts={limitsOf(workspace, t)} />
              </Section>
              <Flags workspace={workspace} />
              <Tickets tickets={workspace.tickets} />
            </>
          }
        >
          <Section
            title={t("console_people.balance")}
            actions={workspace.deleted_at === null && !workspace.yours && <AdjustCredits workspace={workspace.id} name={workspace.name} />}
          >
            <Facts facts={balanceOf(workspace, t)} />
          </Section>
          <Running running={workspace.running} />
          <Members members={workspace.members} />
        </DetailColumns>
        <Keys
          keys={workspace.keys}
          onRevoke={
            acts
              ? (key) => {
                  setActing({ act: "revoke", key });
                }
              : undefined
          }
        />
        <Orders orders={workspace.orders} refunds={workspace.refunds} disputes={workspace.disputes} />
        <Requests requests={workspace.requests} />
        <Section title={t("console_people.about")}>
          <Facts facts={aboutOf(workspace, t, reads)} />
        </Section>
      </div>
      <Acts
        workspace={workspace}
        acting={acting}
        onClose={() => {
          setActing(null);
        }}
      />
    </>
  );
}

function Buttons({ workspace, onAct }: { workspace: Detail; onAct: (acting: Acting) => void }) {
  const t = useT();
  const frozen = workspace.freeze !== null;
  return (
    <Group gap="xs">
      <Button
        variant="default"
        onClick={() => {
          onAct({ act: "limits" });
        }}
      >
        {t("console_people.limits_verb")}
      </Button>
      {!workspace.frozen_with_person && (
        <Button
          color={frozen ? "accent" : "bad"}
          onClick={() => {
            onAct({ act: frozen ? "unfreeze" : "freeze" });
          }}
        >
          {t(frozen ? "console_people.unfreeze" : "console_people.freeze")}
        </Button>
      )}
    </Group>
  );
}

type Said = [name: string, value: ReactNode];

function balanceOf({ wallet }: Detail, t: ReturnType<typeof useT>): Said[] {
  return [
    [t("console_people.paid"), <Money key="paid" value={wallet.available_paid} />],
    [t("console_people.promo"), <Money key="promo" value={wallet.available_promo} />],
    [t("console_people.held"), <Money key="held" value={wallet.held} />],
    [t("console_people.owed"), <Money key="owed" value={wallet.owed} />],
    [t("console_people.refund_pending"), <Money key="pending" value={wallet.refund_pending} />],
  ];
}

function limitsOf({ limits }: Detail, t: ReturnType<typeof useT>): Said[] {
  const none = t("console_people.no_limit");
  return [
    [t("console_people.daily_limit"), limits.daily_limit === null ? none : <Money key="daily" value={limits.daily_limit} />],
    [t("console_people.own_daily_limit"), limits.own_daily_limit === null ? none : <Money key="own" value={limits.own_daily_limit} />],
    [t("console_people.max_running"), limits.max_running ?? none],
    [t("console_people.spent_today"), <Money key="today" value={limits.spent_today} />],
    [t("console_people.requests_today"), limits.requests_today],
  ];
}

function aboutOf(workspace: Detail, t: ReturnType<typeof useT>, audit: boolean): Said[] {
  return [
    [
      t("console_people.id"),
      <span key="id" className={styles.badges}>
        <code>{workspace.id}</code>
        <CopyButton text={workspace.id} label={t("console_people.copy_id")} />
      </span>,
    ],
    [t("console_people.since"), <TimeAgo key="since" moment={workspace.created_at} />],
    ...(workspace.person === null
      ? []
      : [
          [
            t("console_people.person"),
            <ConsoleLink key="person" to={`/users/${workspace.person}`}>
              <code>{workspace.person}</code>
            </ConsoleLink>,
          ] as Said,
        ]),
    ...(audit
      ? [
          [
            t("console_people.audit"),
            <ConsoleLink key="audit" to="/audit" search={{ subject: workspace.id }}>
              {t("console_people.audit_link")}
            </ConsoleLink>,
          ] as Said,
        ]
      : []),
  ];
}
