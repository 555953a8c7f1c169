import { Badge } from "@mantine/core";

import { type Key, useWords } from "@/locales";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import type { Detail } from "./queries";

/** What rules of risk found, why, and what was done. */
export function Flags({ workspace }: { workspace: Detail }) {
  const { t, language } = useWords();
  const say = t as (key: Key) => string;
  return (
    <Section
      title={t("console_people.flags")}
      text={workspace.trusted ? t("console_people.trusted") : undefined}
      actions={workspace.case !== null && <ConsoleLink to={`/risk/${workspace.case}`}>{t("console_people.open_case")}</ConsoleLink>}
    >
      {workspace.flags.length === 0 ? (
        <p className={styles.quiet}>{t("console_people.none")}</p>
      ) : (
        <ul className={styles.plain}>
          {workspace.flags.map((flag) => (
            <li key={`${flag.at} ${flag.rule}`} className={styles.two}>
              <span className={styles.badges}>
                {flag.rule}
                {flag.acted !== null && (
                  <Badge variant="light" color={flag.reversed ? "gray" : flag.acted === "freeze" ? "bad" : "warn"}>
                    {say(`console_people.acted_${flag.acted}` as Key)}
                  </Badge>
                )}
              </span>
              <small>
                {language === "zh" ? flag.why_zh : flag.why} · <TimeAgo moment={flag.at} />
              </small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
