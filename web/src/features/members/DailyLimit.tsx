import { exact, parse, plain } from "@/lib/money";
import { resetTime } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { LimitBar } from "@/ui/LimitBar";
import { Money } from "@/ui/Money";
import { Section } from "@/ui/Section";
import { useZone } from "@/ui/zone";
import styles from "./members.module.css";
import type { Detail } from "./queries";

/** What the whole workspace may spend in a day, how much of it is gone, when it begins again. */
export function DailyLimit({ detail }: { detail: Detail }) {
  const { t, tag } = useWords();
  const zone = useZone();
  // What is held by running requests counts, too, until they end.
  const used = plain(parse(detail.spent_today) + parse(detail.held_today));
  const held = parse(detail.held_today);
  return (
    <Section title={t("team.today")}>
      {detail.daily_limit === null ? (
        <p>
          <Rich k="team.today_unlimited" values={{ used: <Money value={used} unit /> }} />
        </p>
      ) : (
        <LimitBar used={used} limit={detail.daily_limit} label={t("team.today")}>
          <Rich k="team.today_of" values={{ used: <Money value={used} />, limit: <Money value={detail.daily_limit} /> }} />{" "}
          <span className={styles.quiet}>
            {held > 0n && `${t("team.today_held", { held: exact(held, tag) })} `}
            {t("team.today_resets", { time: resetTime(detail.resets_at, tag, zone) })}
          </span>
        </LimitBar>
      )}
    </Section>
  );
}
