import { type Key, useT } from "@/locales";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import type { Detail } from "./queries";

/** The last requests for support. */
export function Tickets({ tickets }: { tickets: Detail["tickets"] }) {
  const t = useT();
  const say = t as (key: Key) => string;
  return (
    <Section title={t("nav.support")}>
      {tickets.length === 0 ? (
        <p className={styles.quiet}>{t("console_people.none")}</p>
      ) : (
        <ul className={styles.plain}>
          {tickets.map((ticket) => (
            <li key={ticket.id} className={styles.two}>
              <ConsoleLink to={`/support/${ticket.id}`}>{ticket.subject}</ConsoleLink>
              <small>
                {say(`console_people.ticket_${ticket.state}` as Key)} · <TimeAgo moment={ticket.updated_at} />
              </small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
