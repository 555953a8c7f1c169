import { Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

import { isCancelled } from "@/api/problem";
import { Rich, useT } from "@/locales";
import { Dialog } from "./Dialog";
import { ErrorNotice } from "./ErrorNotice";

interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  /** Names the thing: "Delete key ci". */
  title: string;
  /** The consequence. */
  children: ReactNode;
  /** The button, a verb with its object: "Delete key". */
  verb: string;
  danger?: boolean;
  /** Has to be typed before the button works: for money and for what cannot be undone. */
  typed?: string;
  /** Asks for a reason, which the act is given. */
  reason?: string;
  /** Done when it resolves; what it rejects with is shown. */
  onConfirm: (reason: string) => Promise<unknown>;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={props.title}>
      {/* Inside, so that each opening begins afresh. */}
      <Form {...props} />
    </Dialog>
  );
}

function Form({ onClose, children, verb, danger = false, typed, reason, onConfirm }: ConfirmDialogProps) {
  const t = useT();
  const [text, setText] = useState("");
  const [why, setWhy] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ready = (typed === undefined || text.trim() === typed) && (reason === undefined || why.trim() !== "");

  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    setSending(true);
    setError(null);
    try {
      await onConfirm(why.trim());
      onClose();
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <Stack gap="md">
        <div>{children}</div>
        {typed !== undefined && (
          <TextInput
            label={<Rich k="confirm.type" values={{ text: <strong>{typed}</strong> }} />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {reason !== undefined && (
          <Textarea
            label={reason}
            value={why}
            onChange={(event) => {
              setWhy(event.currentTarget.value);
            }}
            autosize
            minRows={2}
          />
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" color={danger ? "bad" : "accent"} disabled={!ready} loading={sending}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
