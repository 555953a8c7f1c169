import { Button } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";

import { Rich, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { type Profile, useAccountActs } from "./queries";
import styles from "./settings.module.css";

/** The mail with the link, once more. It says when the next one is possible instead of being refused. */
export function Verification({ profile }: { profile: Profile }) {
  const t = useT();
  const { sendVerification: send } = useAccountActs();
  const [now, setNow] = useState(Date.now);
  useInterval(
    () => {
      setNow(Date.now());
    },
    1000,
    { autoInvoke: true },
  );
  const next = profile.verification_resend_at === null ? 0 : Date.parse(profile.verification_resend_at);
  const seconds = Math.max(0, Math.ceil((next - now) / 1000));
  return (
    <Section title={t("settings.verify")} text={t("settings.verify_text", { email: profile.email })}>
      <div className={styles.line}>
        <Button
          loading={send.isPending}
          disabled={seconds > 0}
          onClick={() => {
            send.mutate(undefined, {
              onSuccess: () => {
                toast(t("settings.verify_sent", { email: profile.email }));
              },
            });
          }}
        >
          {t("settings.verify_again")}
        </Button>
        {seconds > 0 && <span className={styles.quiet}>{t("settings.verify_wait", { count: seconds })}</span>}
      </div>
      <p className={styles.quiet} style={{ marginBlockStart: "var(--space-3)" }}>
        <Rich
          k="settings.verify_wrong"
          values={{
            link: (
              <AnchorLink to="/settings/$section" params={{ section: "security" }}>
                {t("settings.verify_change")}
              </AnchorLink>
            ),
          }}
        />
      </p>
      <ErrorNotice error={send.error} />
    </Section>
  );
}
