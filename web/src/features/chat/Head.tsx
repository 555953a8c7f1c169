import { ActionIcon, Switch, TextInput, Tooltip } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { composing } from "@/lib/keystroke";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Money } from "@/ui/Money";
import { useWorkspace } from "@/ui/workspace";
import type { Conversation } from "./conversation";
import styles from "./head.module.css";
import { ChatMenu } from "./shelf/ChatMenu";
import { ShelfButton } from "./shelf/Shelf";
import { useAct } from "./useAct";

interface HeadProps {
  conversation: Conversation;
  onNew: () => void;
  /** Null: it cannot be changed any more. */
  onTemporary: ((on: boolean) => void) | null;
}

/** What chat this is, what it cost so far, and what can be done with it. */
export function Head({ conversation, onNew, onTemporary }: HeadProps) {
  const t = useT();
  const workspace = useWorkspace();
  const { chat, charge, temporary, mine } = conversation;
  const [renaming, setRenaming] = useState(false);
  const named = chat?.title ?? "";
  const title = named !== "" ? named : t(temporary ? "chat.temporary" : "chat.new");
  useEffect(() => {
    document.title = `${title} · ${workspace.name}`;
  }, [title, workspace.name]);
  const rename = () => {
    setRenaming(true);
  };
  return (
    <header className={styles.head}>
      <ShelfButton />
      {renaming && chat !== null ? (
        <Rename
          title={chat.title}
          onRename={conversation.rename}
          onClose={() => {
            setRenaming(false);
          }}
        />
      ) : (
        <div className={styles.title}>
          <h1 title={title}>{title}</h1>
          {chat !== null && mine && (
            <ActionIcon className={styles.pencil} size={28} aria-label={t("chat.rename")} onClick={rename}>
              <IconPencil size={16} stroke={1.5} aria-hidden />
            </ActionIcon>
          )}
        </div>
      )}
      {chat !== null || temporary ? (
        <p className={styles.total}>
          <small>{t("chat.total")}</small> <Money value={charge} form="short" rounding="charge" unit />
        </p>
      ) : null}
      {onTemporary && (
        <Tooltip label={t("chat.temporary_hint")}>
          <Switch
            size="sm"
            label={t("chat.temporary_switch")}
            checked={temporary}
            onChange={(event) => {
              onTemporary(event.currentTarget.checked);
            }}
          />
        </Tooltip>
      )}
      {chat !== null && <ChatMenu workspace={workspace.id} chat={chat} onRename={rename} />}
      <Tooltip label={t("chat.new")}>
        <ActionIcon className={styles.narrow} aria-label={t("chat.new")} onClick={onNew}>
          <IconPlus size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}

function Rename({ title, onRename, onClose }: { title: string; onRename: (title: string) => Promise<void>; onClose: () => void }) {
  const t = useT();
  const [text, setText] = useState(title);
  const act = useAct();
  // Leaving the field saves; Esc has left it before.
  const over = useRef(false);
  const save = async () => {
    if (over.current) return;
    const next = text.trim();
    if (next === "" || next === title || (await act.run(() => onRename(next)))) onClose();
  };
  return (
    <div className={styles.title}>
      <h1 className="visually-hidden">{title}</h1>
      <TextInput
        className={styles.rename}
        aria-label={t("chat.title")}
        autoFocus
        maxLength={200}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (composing(event.nativeEvent)) return;
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") {
            over.current = true;
            onClose();
          }
        }}
      />
      <ErrorNotice error={act.error} />
    </div>
  );
}
