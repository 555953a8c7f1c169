import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { useId } from "../links";
import { Missing } from "../Missing";
import { useStaffMay } from "../session";
import { MailBadge } from "./MailBadge";
import { mailQuery } from "./queries";
import { ResendDialog } from "./ResendDialog";
import own from "./system.module.css";

/** One mail of the outbox. Its link may open an account: it is for who runs this installation, and on record. */
export default function MailPage() {
  return useStaffMay("own") ? <OneMail /> : <Missing />;
}

function OneMail() {
  const t = useT();
  const id = useId();
  const mail = useQuery(mailQuery(id));
  const [again, setAgain] = useState(false);
  const back = { to: "/system", search: { tab: "mail" }, label: t("console_system.mail") };
  return (
    <>
      <ConsoleHeader
        title={mail.data?.subject ?? t("console_system.one_mail")}
        back={back}
        mark={mail.data && <MailBadge state={mail.data.state} />}
        actions={
          mail.data?.again && (
            <Button
              variant="default"
              onClick={() => {
                setAgain(true);
              }}
            >
              {t("console_system.resend")}
            </Button>
          )
        }
      />
      <Result query={mail} skeleton={<BlockSkeleton height={320} />}>
        {(data) => (
          <div className={styles.stack}>
            <Section title={t("console_system.one_mail")}>
              <Facts
                facts={[
                  [t("console_system.recipient"), data.recipient],
                  [t("console_system.kind"), <code key="kind">{data.kind}</code>],
                  [t("console_system.written"), <TimeAgo key="written" moment={data.created_at} />],
                  [t("console_system.sent_at"), <TimeAgo key="sent" moment={data.sent_at} />],
                  [t("console_system.attempts"), data.attempts],
                  [t("console_system.link_until"), <TimeAgo key="until" moment={data.expires_at} />],
                  ...(data.last_error === null ? [] : [[t("console_system.last_error"), data.last_error] as const]),
                ]}
              />
            </Section>
            <Section title={t("console_system.text")}>
              {data.text === null ? (
                t("console_system.text_gone")
              ) : (
                <pre className={own.text} tabIndex={0} aria-label={t("console_system.text")}>
                  {data.text}
                </pre>
              )}
            </Section>
            {again && (
              <ResendDialog
                mail={data}
                onClose={() => {
                  setAgain(false);
                }}
              />
            )}
          </div>
        )}
      </Result>
    </>
  );
}
