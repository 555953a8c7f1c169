import { ActionIcon, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type Ref, useImperativeHandle, useRef, useState } from "react";

import { useT } from "@/locales";
import type { Attachment, Draft, Model, Setup } from "../types";

/** What the page may ask of the composer. */
export interface ComposerHandle {
  focus: () => void;
  /** Replace the draft: a sample prompt, a link `?q=`. Never sends. */
  fill: (text: string) => void;
}

export interface ComposerProps {
  workspace: string;
  /** Null: a chat that begins with the first message; also a temporary one. */
  chat: string | null;
  /** Under which the draft is kept; null: nowhere (a temporary chat). */
  draftKey: string | null;
  /** The message the next one follows, for the estimate. */
  parent: string | null;
  /** What a temporary chat has said so far, for its estimate. */
  history?: readonly { role: "user" | "assistant"; content: string; attachments?: Attachment[] }[];
  models: readonly Model[];
  /** Model, system prompt and parameters of the next message; the page keeps them. */
  setup: Setup;
  onSetup: (change: Partial<Setup>) => void;
  /** An answer is on its way: Stop stands where Send stood. */
  running: boolean;
  /** Rejects with an ApiError when nothing was kept: the draft stays, and the reason stands above it. */
  onSend: (draft: Draft) => Promise<void>;
  onStop: () => void;
  /** ↑ in an empty input. */
  onEditLast: () => void;
  ref?: Ref<ComposerHandle>;
}

/** Where the next message is written. */
export function Composer({ setup, running, onSend, onStop, onEditLast, ref }: ComposerProps) {
  const t = useT();
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({
    focus: () => {
      area.current?.focus();
    },
    fill: (next) => {
      setText(next);
      area.current?.focus();
    },
  }));
  const send = () => {
    if (text.trim() === "" || running) return;
    void onSend({ content: text, attachments: [] }).then(
      () => {
        setText("");
      },
      () => undefined,
    );
  };
  return (
    <Textarea
      ref={area}
      autosize
      maxRows={12}
      aria-label={t("chat.message")}
      placeholder={setup.model ?? t("chat.message")}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault();
          send();
        }
        if (event.key === "Escape" && running) onStop();
        if (event.key === "ArrowUp" && text === "") onEditLast();
      }}
      rightSection={
        running ? (
          <ActionIcon aria-label={t("chat.stop")} onClick={onStop}>
            <IconPlayerStopFilled size={16} />
          </ActionIcon>
        ) : (
          <ActionIcon aria-label={t("chat.send")} onClick={send}>
            <IconArrowUp size={18} stroke={1.5} />
          </ActionIcon>
        )
      }
    />
  );
}
