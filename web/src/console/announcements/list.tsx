import { Badge, Button } from "@mantine/core";
import { IconPlus, IconSpeakerphone } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ask, type Schemas } from "@/api/client";
import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog, type Values } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { useStaffMay } from "../session";
import { endOf, stateOf } from "./model";

type Row = Schemas["AnnouncementOut"];

const KEY = ["console", "announcements"] as const;

export default function Announcements() {
  const t = useT();
  const may = useStaffMay("own");
  const client = useQueryClient();
  const lines = useQuery({ queryKey: KEY, queryFn: ({ signal }) => ask(api.GET("/api/console/announcements", { signal })) });
  const [making, setMaking] = useState(false);
  const [taking, setTaking] = useState<Row | null>(null);
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: KEY });
    await client.invalidateQueries({ queryKey: ["installation"] });
  };
  const columns: Column<Row>[] = [
    {
      id: "text",
      header: t("console_announcements.text"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          {row.text_en}
          <small lang="zh-Hans">{row.text_zh}</small>
        </span>
      ),
    },
    {
      id: "state",
      header: t("console_announcements.state"),
      cell: (row) => {
        const state = stateOf(row, Date.now());
        return <Badge color={state !== "shown" ? "gray" : row.kind === "warning" ? "warn" : "ok"}>{t(`console_announcements.${state}`)}</Badge>;
      },
    },
    { id: "from", header: t("console_announcements.from"), cell: (row) => <TimeAgo moment={row.starts_at} /> },
    { id: "until", header: t("console_announcements.until"), cell: (row) => <TimeAgo moment={row.ends_at} /> },
    {
      id: "act",
      header: t("console_announcements.act"),
      action: true,
      cell: (row) =>
        may && row.active ? (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setTaking(row);
            }}
          >
            {t("console_announcements.take")}
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <ConsoleHeader
        title={t("console_announcements.title")}
        lead={t("console_announcements.lead")}
        actions={
          may && (
            <Button
              leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
              onClick={() => {
                setMaking(true);
              }}
            >
              {t("console_announcements.make")}
            </Button>
          )
        }
      />
      <Result query={lines} skeleton={<RowsSkeleton />}>
        {(rows) => (
          <DataTable
            label={t("console_announcements.title")}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.id}
            empty={
              <EmptyState icon={IconSpeakerphone} title={t("console_announcements.none")}>
                {t("console_announcements.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <ActDialog
        opened={making}
        onClose={() => {
          setMaking(false);
        }}
        title={t("console_announcements.make")}
        verb={t("console_announcements.make_verb")}
        fields={[
          {
            name: "kind",
            label: t("console_announcements.kind"),
            choices: [
              { value: "info", label: t("console_announcements.info") },
              { value: "warning", label: t("console_announcements.warning") },
            ],
          },
          { name: "text_en", label: t("console_announcements.text_en"), long: true },
          { name: "text_zh", label: t("console_announcements.text_zh"), long: true },
          { name: "starts_at", label: t("console_announcements.from"), description: t("console_announcements.from_hint"), optional: true },
          { name: "ends_at", label: t("console_announcements.until"), description: t("console_announcements.until_hint"), optional: true },
        ]}
        onConfirm={async (values) => {
          const answer = await ask(api.POST("/api/console/announcements", { body: bodyOf(values) }));
          await refresh();
          return answer;
        }}
        done={t("console_announcements.made")}
      />
      <ActDialog
        opened={taking !== null}
        onClose={() => {
          setTaking(null);
        }}
        title={t("console_announcements.take_title")}
        verb={t("console_announcements.take")}
        onConfirm={async (values) => {
          if (taking === null) throw new Error("nothing is taken away");
          const { kind, text_en, text_zh, starts_at, ends_at } = taking;
          const body = { kind, text_en, text_zh, starts_at, ends_at, active: false, reason: values.reason ?? "" };
          const answer = await ask(api.PUT("/api/console/announcements/{announcement}", { params: { path: { announcement: taking.id } }, body }));
          await refresh();
          return answer;
        }}
        done={t("console_announcements.taken")}
      >
        <p>{taking?.text_en}</p>
      </ActDialog>
    </>
  );
}

function bodyOf(values: Values): Schemas["AnnouncementWish"] {
  return {
    kind: values.kind === "warning" ? "warning" : "info",
    text_en: values.text_en ?? "",
    text_zh: values.text_zh ?? "",
    starts_at: endOf(values.starts_at ?? ""),
    ends_at: endOf(values.ends_at ?? ""),
    active: true,
    reason: values.reason ?? "",
  };
}
