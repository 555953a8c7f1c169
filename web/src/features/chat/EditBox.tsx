import { Button, Textarea } from "@mantine/core";
import { useState } from "react";

import { composing } from "@/lib/keystroke";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import styles from "./message.module.css";
import { useAct } from "./useAct";

interface EditBoxProps {
  text: string;
  label: string;
  onSave: (text: string) => Promise<void>;
  /** Save and have it answered; answers have none. */
  onRerun?: (text: string) => Promise<void>;
  onClose: () => void;
}

/** A message being changed: Ctrl+S saves, Ctrl+Enter saves and asks again, Esc lets it be. */
export function EditBox({ text: before, label, onSave, onRerun, onClose }: EditBoxProps) {
  const t = useT();
  const [text, setText] = useState(before);
  const act = useAct();
  const empty = text.trim() === "";
  const finish = async (save: (text: string) => Promise<void>) => {
    if (empty || act.busy) return;
    if (await act.run(() => save(text))) onClose();
  };
  return (
    <div className={styles.edit}>
      <Textarea
        autosize
        minRows={2}
        maxRows={20}
        autoFocus
        aria-label={label}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onFocus={(event) => {
          event.currentTarget.setSelectionRange(text.length, text.length);
        }}
        onKeyDown={(event) => {
          if (composing(event.nativeEvent)) return;
          const command = event.ctrlKey || event.metaKey;
          if (event.key === "Escape") {
            event.stopPropagation();
            onClose();
          } else if (command && event.key.toLowerCase() === "s" && !event.shiftKey) {
            event.preventDefault();
            void finish(onSave);
          } else if (command && event.key === "Enter") {
            event.preventDefault();
            void finish(onRerun ?? onSave);
          }
        }}
      />
      <ErrorNotice error={act.error} />
      <div className={styles.editActs}>
        {onRerun && (
          <Button size="compact-sm" disabled={empty} loading={act.busy} onClick={() => void finish(onRerun)}>
            {t("chat.save_rerun")}
          </Button>
        )}
        <Button size="compact-sm" variant="default" disabled={empty || act.busy} onClick={() => void finish(onSave)}>
          {t("chat.save")}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onClose}>
          {t("confirm.cancel")}
        </Button>
        <span className={styles.hint}>{t(onRerun ? "chat.edit_hint" : "chat.edit_hint_answer")}</span>
      </div>
    </div>
  );
}
