import { Button, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { isCancelled } from "@/api/problem";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { TimeAgo } from "@/ui/TimeAgo";
import { useStaffMay } from "../session";
import { type Case, useActs } from "./queries";
import styles from "./risk.module.css";

/** What staff tell one another about a case. */
export function Notes({ found }: { found: Case }) {
  const t = useT();
  const may = useStaffMay("freeze");
  const acts = useActs(found.id);
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    try {
      await acts.note(text);
      setText("");
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <Stack gap="md">
      {found.notes.length === 0 ? (
        <p className={styles.quiet}>{t("console_risk.no_notes")}</p>
      ) : (
        <ul className={styles.notes}>
          {found.notes.map((note) => (
            <li key={note.at + note.text}>
              <p>{note.text}</p>
              <span className={styles.quiet}>
                {note.author} · <TimeAgo moment={note.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {may && (
        <form onSubmit={(event) => void send(event)}>
          <Stack gap="xs">
            <Textarea
              label={t("console_risk.note")}
              value={text}
              maxLength={2000}
              autosize
              minRows={2}
              onChange={(event) => {
                setText(event.currentTarget.value);
              }}
            />
            <ErrorNotice error={error} />
            <Button type="submit" variant="default" disabled={text.trim() === ""} loading={sending}>
              {t("console_risk.add_note")}
            </Button>
          </Stack>
        </form>
      )}
    </Stack>
  );
}
