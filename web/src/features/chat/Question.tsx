import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { useWorkspace } from "@/ui/workspace";
import { Alternatives } from "./Alternatives";
import type { Acts } from "./conversation";
import { EditBox } from "./EditBox";
import { Files } from "./Files";
import { ForkButton } from "./ForkButton";
import styles from "./message.module.css";
import type { Place } from "./tree";
import type { Attachment, Message } from "./types";
import { Words } from "./Words";

interface QuestionProps {
  message: Message;
  place: Place;
  go: (step: number) => void;
  acts: Acts;
  /** The chat it stands in; null: nothing can be forked off. */
  chat: string | null;
  mine: boolean;
  editing: boolean;
  onEdit: (message: string | null) => void;
}

/** What a person said. */
export function Question({ message, place, go, acts, chat, mine, editing, onEdit }: QuestionProps) {
  const t = useT();
  const { id: workspace } = useWorkspace();
  const [kept] = useState(() => (message.attachments as Attachment[]));
  const again = (content: string, rerun: boolean) => acts.send(message.parent, { content, attachments: kept }, rerun);
  return (
    <>
      {message.attachments.length > 0 && <Files workspace={workspace} files={message.attachments} />}
      {editing ? (
        <EditBox
          text={message.content}
          label={t("chat.edit_question")}
          onSave={(content) => again(content, false)}
          onRerun={(content) => again(content, true)}
          onClose={() => {
            onEdit(null);
          }}
        />
      ) : (
        message.content !== "" && (
          <div className={styles.bubble}>
            <Words text={message.content} streaming={false} />
          </div>
        )
      )}
      {!editing && (
        <div className={styles.acts}>
          <Alternatives place={place} go={go} />
          <span className={styles.quiet}>
            <CopyButton text={message.content} label={t("chat.copy_question")} />
            {mine && (
              <Tooltip label={t("chat.edit")}>
                <ActionIcon
                  size={28}
                  aria-label={t("chat.edit_question")}
                  onClick={() => {
                    onEdit(message.id);
                  }}
                >
                  <IconPencil size={16} stroke={1.5} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
            {mine && chat !== null && <ForkButton workspace={workspace} chat={chat} message={message.id} />}
          </span>
        </div>
      )}
    </>
  );
}
