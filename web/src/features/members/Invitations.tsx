import { Badge } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import styles from "./members.module.css";
import { ROLE_NAMES } from "./model";
import { type Invitation, invitationsQuery, useTeamActs } from "./queries";

/** Who was invited and has not come yet. */
export function Invitations() {
  const t = useT();
  const say = t as (key: Key) => string;
  const workspace = useWorkspace();
  const invitations = useQuery(invitationsQuery(workspace.id));
  const { resend, revoke } = useTeamActs(workspace.id);
  const [doomed, setDoomed] = useState<Invitation | null>(null);

  const columns: Column<Invitation>[] = [
    {
      id: "email",
      header: t("team.email"),
      primary: true,
      cell: (row) => (
        <span className={styles.person}>
          <b>{row.email}</b>
          <small>{t("team.invited_by", { name: row.invited_by })}</small>
        </span>
      ),
    },
    { id: "role", header: t("team.role"), cell: (row) => say(ROLE_NAMES[row.role]) },
    {
      id: "limit",
      header: t("team.limit"),
      numeric: true,
      cell: (row) => (row.spend_limit === null ? <span className={styles.quiet}>{t("limit.none")}</span> : <Money value={row.spend_limit} form="short" />),
    },
    { id: "sent", header: t("team.sent"), cell: (row) => <TimeAgo moment={row.created_at} /> },
    {
      id: "expires",
      header: t("key.expires"),
      cell: (row) => (row.expired ? <Badge color="warn">{t("team.expired")}</Badge> : <TimeAgo moment={row.expires_at} />),
    },
    {
      id: "acts",
      header: t("team.acts"),
      action: true,
      cell: (row) => (
        <span className={styles.row}>
          <RowButton
            of={row.email}
            loading={resend.isPending && resend.variables === row.id}
            onClick={() => {
              resend.mutate(row.id, {
                onSuccess: () => {
                  toast(t("team.invited", { email: row.email }));
                },
              });
            }}
          >
            {t("team.resend")}
          </RowButton>
          <RowButton
            of={row.email}
            onClick={() => {
              setDoomed(row);
            }}
          >
            {t("team.revoke")}
          </RowButton>
        </span>
      ),
    },
  ];
  return (
    <Section title={t("team.pending")} text={t("team.pending_text")} bare>
      <ErrorNotice error={resend.error} />
      <Result query={invitations} skeleton={<BlockSkeleton height={120} />}>
        {(rows) => (
          <DataTable
            label={t("team.pending")}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.id}
            empty={<EmptyState icon={IconMail} title={t("team.nobody")} />}
          />
        )}
      </Result>
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null);
        }}
        title={t("team.revoke_title")}
        verb={t("team.revoke_verb")}
        danger
        onConfirm={async () => {
          if (doomed === null) return;
          await revoke.mutateAsync(doomed.id);
          toast(t("team.revoked", { email: doomed.email }));
        }}
      >
        {t("team.revoke_text", { email: doomed?.email ?? "" })}
      </ConfirmDialog>
    </Section>
  );
}
