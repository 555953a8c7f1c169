import { IconPaperclip } from "@tabler/icons-react";

import { useWords } from "@/locales";
import { TimeAgo } from "@/ui/TimeAgo";
import { fileSize } from "./model";
import type { Message } from "./queries";
import styles from "./support.module.css";

/** What was said, oldest first. file: the address of an attachment. */
export function Thread({ messages, file }: { messages: readonly Message[]; file: (upload: string) => string }) {
  const { t, tag } = useWords();
  return (
    <ol className={styles.thread} aria-label={t("support.thread")}>
      {messages.map((message) => (
        <li key={message.id} data-by={message.by}>
          <p className={styles.author}>
            <b>{message.by === "staff" ? t("support.staff", { name: message.author }) : message.yours ? t("team.you") : message.author}</b>
            <TimeAgo moment={message.at} />
          </p>
          <p className={styles.text}>{message.text}</p>
          {message.attachments.length > 0 && (
            <ul className={styles.attachments} aria-label={t("support.files")}>
              {message.attachments.map((one) => (
                <li key={one.id}>
                  <a href={file(one.id)} download>
                    <IconPaperclip size={16} stroke={1.5} aria-hidden /> {one.name}
                  </a>
                  <small>{fileSize(one.size, tag)}</small>
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
  );
}
