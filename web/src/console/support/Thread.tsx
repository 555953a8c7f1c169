import { Badge } from "@mantine/core";
import { IconLock, IconPaperclip } from "@tabler/icons-react";

import { useT } from "@/locales";
import { TimeAgo } from "@/ui/TimeAgo";
import type { ConsoleTicket } from "./queries";
import styles from "./support.module.css";

/** What was said and noted, oldest first. */
export function Thread({ messages }: { messages: ConsoleTicket["messages"] }) {
  const t = useT();
  return (
    <ol className={styles.thread} aria-label={t("support.thread")}>
      {messages.map((message) => (
        <li key={message.id} data-by={message.internal ? "note" : message.by}>
          <p className={styles.author}>
            <b>{message.by === "staff" ? t("support.staff", { name: message.author }) : message.author}</b>
            {message.internal && (
              <Badge color="warn" leftSection={<IconLock size={12} stroke={1.5} aria-hidden />}>
                {t("console_support.note")}
              </Badge>
            )}
            <TimeAgo moment={message.at} />
          </p>
          <p className={styles.text}>{message.text}</p>
          {message.attachments.length > 0 && (
            <ul className={styles.attachments} aria-label={t("support.files")}>
              {message.attachments.map((one) => (
                <li key={one.id}>
                  <a href={`/api/console/uploads/${one.id}`} download>
                    <IconPaperclip size={16} stroke={1.5} aria-hidden /> {one.name}
                  </a>
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
  );
}
