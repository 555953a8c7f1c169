import { Badge, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { type Column, DataTable } from "@/ui/DataTable";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { type Session, sessionsQuery, useAccountActs } from "./queries";
import styles from "./settings.module.css";

export function Sessions() {
  const t = useT();
  const sessions = useQuery(sessionsQuery);
  const { endSession, endOthers } = useAccountActs();
  const [asking, setAsking] = useState(false);
  const others = (sessions.data ?? []).filter((row) => !row.current).length;

  const columns: Column<Session>[] = [
    {
      id: "device",
      header: t("settings.device"),
      primary: true,
      cell: (row) => (
        <span className={styles.line}>
          {row.device}
          {row.current && <Badge color="ok">{t("settings.this_device")}</Badge>}
        </span>
      ),
    },
    { id: "address", header: t("settings.address"), cell: (row) => <code>{row.address}</code> },
    { id: "begun", header: t("settings.begun"), cell: (row) => <TimeAgo moment={row.created_at} /> },
    { id: "seen", header: t("settings.seen"), cell: (row) => <TimeAgo moment={row.last_seen_at} /> },
    {
      id: "acts",
      header: t("team.acts"),
      action: true,
      cell: (row) =>
        !row.current && (
          <RowButton
            of={row.device}
            loading={endSession.isPending && endSession.variables === row.id}
            onClick={() => {
              endSession.mutate(row.id, {
                onSuccess: () => {
                  toast(t("settings.ended"));
                },
              });
            }}
          >
            {t("settings.end")}
          </RowButton>
        ),
    },
  ];
  return (
    <Section
      title={t("settings.sessions_title")}
      text={t("settings.sessions_text")}
      bare
      actions={
        others > 0 && (
          <Button
            variant="default"
            onClick={() => {
              setAsking(true);
            }}
          >
            {t("settings.end_others")}
          </Button>
        )
      }
    >
      <ErrorNotice error={endSession.error} />
      <Result query={sessions} skeleton={<BlockSkeleton height={160} />}>
        {(rows) => <DataTable label={t("settings.sessions_title")} columns={columns} rows={[...rows].sort((one, other) => Number(other.current) - Number(one.current))} rowKey={(row) => row.id} />}
      </Result>
      <ConfirmDialog
        opened={asking}
        onClose={() => {
          setAsking(false);
        }}
        title={t("settings.end_others")}
        verb={t("settings.end_others")}
        danger
        onConfirm={async () => {
          await endOthers.mutateAsync();
          toast(t("settings.ended_others"));
        }}
      >
        {t("settings.end_others_text", { count: others })}
      </ConfirmDialog>
    </Section>
  );
}
