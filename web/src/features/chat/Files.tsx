import { IconFileText } from "@tabler/icons-react";

import styles from "./message.module.css";
import type { Attachment, Message } from "./types";

/** What came with a question: pictures to see, other files by name. */
export function Files({ workspace, files }: { workspace: string; files: Message["attachments"] }) {
  return (
    <ul className={styles.files}>
      {(files as Attachment[]).map((file) => {
        const address = file.inline === undefined ? `/api/workspaces/${workspace}/chat/files/${file.id}` : null;
        const inside =
          file.kind === "image" ? (
            <img src={address ?? file.inline} alt={file.name} width={file.width ?? undefined} height={file.height ?? undefined} loading="lazy" />
          ) : (
            <span className={styles.file}>
              <IconFileText size={16} stroke={1.5} aria-hidden /> {file.name}
            </span>
          );
        return (
          <li key={file.id}>
            {address === null ? (
              inside
            ) : (
              <a href={address} target="_blank" rel="noopener">
                {inside}
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
