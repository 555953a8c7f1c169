import { Button } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ActDialog } from "../ActDialog";
import { type Notice, noticesQuery, useAlertActs } from "./queries";
import { Told } from "./Told";

/** What was sent, newest first. A delivery that was given up can be sent again. */
export function Notices() {
  const t = useT();
  const acts = useAlertActs();
  const address = useAddress();
  const cursor = address.value("cursor");
  const notices = useQuery(noticesQuery(cursor));
  const [again, setAgain] = useState<string | null>(null);
  const columns: Column<Notice>[] = [
    { id: "reason", header: t("console_alerts.notice"), primary: true, cell: (row) => t(`console_alerts.reason_${row.reason}`) },
    { id: "at", header: t("console_alerts.at"), cell: (row) => <TimeAgo moment={row.at} /> },
    { id: "told", header: t("console_alerts.told"), cell: (row) => <Told notice={row} /> },
    {
      id: "again",
      header: t("console_alerts.act"),
      action: true,
      cell: (row) =>
        row.delivery?.state === "failed" && (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => {
              setAgain(row.delivery?.id ?? null);
            }}
          >
            {t("console_alerts.send_again")}
          </Button>
        ),
    },
  ];
  return (
    <>
      <Result query={notices} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_alerts.sent")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => `${row.at} ${row.reason} ${row.delivery?.id ?? ""}`}
            dimmed={notices.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconSend} title={t("console_alerts.none_sent")}>
                {t("console_alerts.none_sent_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <ActDialog
        opened={again !== null}
        onClose={() => {
          setAgain(null);
        }}
        title={t("console_alerts.send_again")}
        verb={t("console_alerts.send_again")}
        onConfirm={(values) => acts.sendAgain(again ?? "", values.reason ?? "")}
        done={t("console_alerts.sent_again")}
      >
        {t("console_alerts.send_again_text")}
      </ActDialog>
    </>
  );
}
