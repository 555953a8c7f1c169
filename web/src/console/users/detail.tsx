import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { type Key, useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { ConsoleLink, useId } from "../links";
import { useStaff, useStaffMay } from "../session";
import { ViewAs } from "../viewing/ViewAs";
import { type ActName, Acts } from "./Acts";
import { Frozen } from "./Frozen";
import { Marks } from "./Marks";
import { type Detail, userQuery } from "./queries";
import { Tickets } from "./Tickets";

export default function OneUser() {
  const user = useQuery(userQuery(useId()));
  return (
    <Result query={user} skeleton={<BlockSkeleton height={480} />}>
      {(found) => <Shown user={found} />}
    </Result>
  );
}

function Shown({ user }: { user: Detail }) {
  const t = useT();
  const reads = useStaffMay("audit");
  const [acting, setActing] = useState<ActName | null>(null);
  return (
    <>
      <ConsoleHeader
        title={user.email}
        lead={user.name}
        mark={
          <Marks
            role={user.staff_role}
            frozen={user.freeze !== null}
            disabled={user.disabled_at !== null}
            deleted={user.deleted_at !== null}
            pending={user.verified_at === null ? "verification" : user.approved_at === null ? "approval" : null}
          />
        }
        back={{ to: "/users", label: t("console_people.users") }}
        actions={
          <Group gap="xs">
            {!user.you && user.staff_role === null && user.deleted_at === null && <ViewAs user={user.id} name={user.name} />}
            <Buttons user={user} onAct={setActing} />
          </Group>
        }
      />
      <div className={styles.stack}>
        {user.you && <p className={styles.notice}>{t("console_people.you")}</p>}
        <Frozen freeze={user.freeze} />
        <DetailColumns
          side={
            <>
              <Section title={t("console_people.ways_in")}>
                <Facts facts={waysOf(user, t)} />
              </Section>
              <Tickets tickets={user.tickets} />
            </>
          }
        >
          <Section title={t("console_people.account")}>
            <Facts facts={accountOf(user, t, reads)} />
          </Section>
          <Workspaces user={user} />
          <Sessions user={user} />
        </DetailColumns>
      </div>
      <Acts
        user={user}
        acting={acting}
        onClose={() => {
          setActing(null);
        }}
      />
    </>
  );
}

function Buttons({ user, onAct }: { user: Detail; onAct: (act: ActName) => void }) {
  const say = useT() as (key: Key) => string;
  const { rights } = useStaff();
  const own = rights.includes("own");
  if (user.you || user.deleted_at !== null || (user.staff_role !== null && !own)) return null;
  const guard = rights.includes("freeze");
  const possible: [act: ActName, can: boolean][] = [
    ["role", own && user.verified_at !== null && user.disabled_at === null],
    ["enable", own && user.disabled_at !== null],
    ["disable", own && user.disabled_at === null],
    ["reset_factor", own && (user.ways_in.authenticator || user.ways_in.passkeys > 0)],
    ["sign_out", guard && user.sessions.length > 0],
    ["unfreeze", guard && user.freeze !== null],
    ["freeze", guard && user.freeze === null],
  ];
  return (
    <Group gap="xs">
      {possible
        .filter(([, can]) => can)
        .map(([act]) => (
          <Button
            key={act}
            variant={act === "freeze" || act === "unfreeze" ? "filled" : "default"}
            color={act === "freeze" ? "bad" : "accent"}
            onClick={() => {
              onAct(act);
            }}
          >
            {say(`console_people.${act}` as Key)}
          </Button>
        ))}
    </Group>
  );
}

function Workspaces({ user }: { user: Detail }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const columns: Column<Detail["workspaces"][number]>[] = [
    { id: "name", header: t("console_people.workspace"), primary: true, cell: (row) => <ConsoleLink to={`/workspaces/${row.id}`}>{row.name}</ConsoleLink> },
    { id: "kind", header: t("console_people.kind"), cell: (row) => say(`console_people.kind_${row.kind}` as Key) },
    { id: "role", header: t("console_people.role_label"), cell: (row) => say(`console_people.member_${row.role}` as Key) },
    { id: "state", header: t("console_people.state"), cell: (row) => <Marks usual frozen={row.frozen} pending={row.pending} owed={row.owed !== "0"} /> },
    { id: "available", header: t("console_people.available"), numeric: true, cell: (row) => <Money value={row.available} /> },
  ];
  return (
    <Section title={t("console_people.workspaces")} bare>
      <DataTable label={t("console_people.workspaces")} columns={columns} rows={user.workspaces} rowKey={(row) => row.id} empty={<p className={styles.none}>{t("console_people.none")}</p>} />
    </Section>
  );
}

function Sessions({ user }: { user: Detail }) {
  const t = useT();
  const columns: Column<Detail["sessions"][number]>[] = [
    { id: "device", header: t("console_people.device"), primary: true, cell: (row) => row.device },
    { id: "origin", header: t("console_people.origin"), cell: (row) => row.origin },
    { id: "method", header: t("console_people.method"), cell: (row) => row.method },
    { id: "since", header: t("console_people.signed_in"), cell: (row) => <TimeAgo moment={row.created_at} /> },
    { id: "seen", header: t("console_people.seen"), cell: (row) => <TimeAgo moment={row.last_seen_at} /> },
  ];
  return (
    <Section title={t("console_people.sessions")} bare>
      <DataTable
        label={t("console_people.sessions")}
        columns={columns}
        rows={user.sessions}
        rowKey={(row) => `${row.created_at} ${row.device}`}
        empty={<p className={styles.none}>{t("console_people.no_sessions")}</p>}
      />
    </Section>
  );
}

type Said = [name: string, value: ReactNode];

function accountOf(user: Detail, t: ReturnType<typeof useT>, audit: boolean): Said[] {
  return [
    [
      t("console_people.id"),
      <span key="id" className={styles.badges}>
        <code>{user.id}</code>
        <CopyButton text={user.id} label={t("console_people.copy_id")} />
      </span>,
    ],
    [t("console_people.since"), <TimeAgo key="since" moment={user.created_at} />],
    [t("console_people.verified"), <TimeAgo key="verified" moment={user.verified_at} />],
    [t("console_people.approved"), <TimeAgo key="approved" moment={user.approved_at} />],
    ...(user.disabled_at === null ? [] : [[t("console_people.disabled"), <TimeAgo key="disabled" moment={user.disabled_at} />] as Said]),
    ...(audit
      ? [
          [
            t("console_people.audit"),
            <ConsoleLink key="audit" to="/audit" search={{ subject: user.id }}>
              {t("console_people.audit_link")}
            </ConsoleLink>,
          ] as Said,
        ]
      : []),
  ];
}

function waysOf(user: Detail, t: ReturnType<typeof useT>): Said[] {
  const ways = user.ways_in;
  const yes = (is: boolean) => t(is ? "console_people.yes" : "console_people.no");
  return [
    [t("console_people.password"), yes(ways.password)],
    [t("console_people.authenticator"), yes(ways.authenticator)],
    [t("console_people.recovery_codes"), ways.recovery_codes],
    [t("console_people.passkeys"), ways.passkeys],
    [t("console_people.services"), ways.services.length === 0 ? t("console_people.none") : ways.services.join(", ")],
  ];
}
