import { NativeSelect } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { useStaffMay } from "../session";
import { MailBadge } from "./MailBadge";
import { MAIL_STATES, type MailRow, mailsQuery } from "./queries";
import { ResendDialog } from "./ResendDialog";

/** The outbox, newest first. */
export function Mails() {
  const t = useT();
  const address = useAddress();
  const own = useStaffMay("own");
  const [state, to, cursor] = [address.value("state"), address.value("q"), address.value("cursor")];
  const [again, setAgain] = useState<MailRow | null>(null);
  const mails = useQuery(mailsQuery({ state, to, cursor }));
  const columns: Column<MailRow>[] = [
    {
      id: "subject",
      header: t("console_system.subject"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          {own ? <ConsoleLink to={`/system/${row.id}`}>{row.subject}</ConsoleLink> : <span>{row.subject}</span>}
          <small>{row.kind}</small>
        </span>
      ),
    },
    { id: "to", header: t("console_system.recipient"), cell: (row) => row.recipient },
    {
      id: "state",
      header: t("console_system.state"),
      cell: (row) => (
        <span className={styles.badges}>
          <MailBadge state={row.state} />
          {row.last_error !== null && row.state !== "sent" && <small>{row.last_error}</small>}
        </span>
      ),
    },
    { id: "attempts", header: t("console_system.attempts"), numeric: true, wideOnly: true, cell: (row) => row.attempts },
    { id: "created", header: t("console_system.written"), numeric: true, cell: (row) => <TimeAgo moment={row.created_at} /> },
    ...(own
      ? [
          {
            id: "acts",
            header: t("console_system.resend"),
            action: true,
            cell: (row: MailRow) =>
              row.again && (
                <RowButton
                  of={row.subject}
                  onClick={() => {
                    setAgain(row);
                  }}
                >
                  {t("console_system.resend")}
                </RowButton>
              ),
          },
        ]
      : []),
  ];
  return (
    <>
      <div className={styles.filters}>
        <SearchField label={t("console_system.to_address")} />
        <NativeSelect
          label={t("console_system.state")}
          value={state}
          data={[{ value: "", label: t("console_system.any_state") }, ...MAIL_STATES.map((one) => ({ value: one, label: t(`console_system.mail_${one}`) }))]}
          onChange={(event) => {
            address.set({ state: event.currentTarget.value, cursor: "" });
          }}
        />
      </div>
      <Result query={mails} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_system.mail")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={mails.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconMail} title={t("console_system.no_mails")}>
                {t("console_system.no_mails_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      {again !== null && (
        <ResendDialog
          mail={again}
          onClose={() => {
            setAgain(null);
          }}
        />
      )}
    </>
  );
}
