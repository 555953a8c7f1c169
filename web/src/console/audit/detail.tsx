import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleButton, ConsoleLink, useId } from "../links";
import own from "./audit.module.css";
import { Changes } from "./Changes";
import { changesOf } from "./model";
import { type Detail, rowQuery } from "./queries";
import { SubjectOf, Who } from "./Who";

/** One row of the audit log. */
export default function AuditRowPage() {
  const t = useT();
  const seq = useId();
  const row = useQuery(rowQuery(seq));
  const back = { to: "/audit", label: t("console_audit.title") };
  return (
    <>
      {row.data === undefined && <ConsoleHeader title={t("console_audit.line", { row: seq })} back={back} />}
      <Result query={row} skeleton={<BlockSkeleton height={420} />}>
        {(data) => (
          <>
            <ConsoleHeader
              title={t("console_audit.line", { row: String(data.seq) })}
              lead={<code>{data.action}</code>}
              back={back}
              actions={
                <>
                  {data.seq > 1 && (
                    <ConsoleButton variant="default" to={`/audit/${data.seq - 1}`}>
                      {t("console_audit.previous")}
                    </ConsoleButton>
                  )}
                  {data.seq < data.newest && (
                    <ConsoleButton variant="default" to={`/audit/${data.seq + 1}`}>
                      {t("console_audit.next")}
                    </ConsoleButton>
                  )}
                </>
              }
            />
            <Line row={data} />
          </>
        )}
      </Result>
    </>
  );
}

function Line({ row }: { row: Detail }) {
  const t = useT();
  const filtered = (name: string, value: string | null) =>
    value === null || value === "" ? (
      "—"
    ) : (
      <ConsoleLink key={name} to="/audit" search={{ [name]: value }}>
        <code>{value}</code>
      </ConsoleLink>
    );
  return (
    <div className={styles.stack}>
      <Section title={t("console_audit.facts")}>
        <Facts
          facts={[
            [t("console_audit.who"), <Who key="who" row={row} />],
            [t("console_audit.at"), <TimeAgo key="at" moment={row.at} />],
            [t("console_audit.action"), filtered("action", row.action)],
            [t("console_audit.subject"), <SubjectOf key="subject" row={row} />],
            [t("console_audit.reason"), row.reason || "—"],
            [t("console_audit.everything"), filtered("subject", row.subject)],
            [t("console_audit.address"), filtered("address", row.address)],
            [t("console_audit.request"), filtered("request", row.request_id)],
            [
              t("console_audit.seal"),
              <span key="seal" className={own.whole}>
                <code>{row.seal}</code>
                <CopyButton text={`${row.seq}:${row.seal}`} label={t("console_audit.copy_seal")} />
              </span>,
            ],
          ]}
        />
      </Section>
      <Section title={t("console_audit.changed")}>{changesOf(row).length === 0 ? t("console_audit.no_changes") : <Changes row={row} />}</Section>
    </div>
  );
}
