import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ClipboardEvent, type KeyboardEvent, type Ref, type RefObject, useEffect, useEffectEvent, useImperativeHandle, useMemo, useRef, useState } from "react";

import { chatSettingsQuery } from "@/api/chats";
import { modelsQuery } from "@/api/queries";
import { useWords } from "@/locales";
import { useShortcuts } from "@/ui/shortcuts";
import { useChatSettings } from "@/ui/useChatSettings";
import type { Attachment, Draft, Model, Setup } from "../types";
import { Chips } from "./Chips";
import styles from "./composer.module.css";
import { gaugeOf } from "./estimating";
import { Gauge } from "./Gauge";
import { actOf, canRead, LONG_PASTE, modelOf, MOST_FILES, pasteName, readerFor } from "./model";
import { Before, NotSent, Unreadable } from "./Notices";
import { usedNow } from "./picking";
import { inserted } from "./setting";
import { useNarrow } from "./Sheet";
import { type OpenTool, Tools } from "./Tools";
import { keptDraft, useKeeping } from "./useDraft";
import { useDrop } from "./useDrop";
import { useEstimate } from "./useEstimate";
import { readyOf, useFiles } from "./useFiles";

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

/** Where the next message is written. Another chat is another composer, with its own draft. */
export function Composer(props: ComposerProps) {
  // A new chat gets its address with its first message: whoever was writing goes on writing.
  const writingRef = useRef(false);
  return <Writing key={props.draftKey ?? "temporary"} {...props} writingRef={writingRef} />;
}

const touch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

function Writing({ workspace, chat, draftKey, parent, models, setup, onSetup, running, onSend, onStop, onEditLast, writingRef, ref }: ComposerProps & { writingRef: RefObject<boolean> }) {
  const { t } = useWords();
  const [kept] = useState(() => keptDraft(draftKey));
  const [text, setText] = useState(kept.text);
  const files = useFiles(workspace, draftKey !== null, kept.files);
  const [open, setOpen] = useState<OpenTool>(null);
  const [sending, setSending] = useState(false);
  // Written while an answer is on its way: it goes out when that is over.
  const [queued, setQueued] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const { settings, change } = useChatSettings();
  // Who answers is not known yet: what is sent meanwhile goes out when it is.
  const [listed, chosen] = [useQuery(modelsQuery(workspace)).isPending, useQuery(chatSettingsQuery).isPending];
  const early = listed || chosen;
  const narrow = useNarrow();

  const ready = readyOf(files.items);
  const forget = useKeeping(
    draftKey,
    // Only what changes it is kept anew.
    useMemo(() => ({ text, files: readyOf(files.items) }), [text, files.items]),
  );
  const over = useDrop(files.add);
  useImperativeHandle(ref, () => ({
    focus: () => {
      area.current?.focus();
    },
    fill: (next) => {
      setText(next);
      area.current?.focus();
    },
  }));
  useShortcuts(
    useMemo(
      () => ({
        "shift+m": () => {
          setOpen((before) => (before === "model" ? null : "model"));
        },
      }),
      [],
    ),
    "page",
  );

  useEffect(() => {
    if (writingRef.current) area.current?.focus();
  }, [writingRef]);

  const model = modelOf(models, setup.model);
  const kinds = ready.map((one) => one.kind);
  const unreadable = model !== null && !canRead(model, kinds);
  const reader = unreadable ? readerFor(models, kinds, [...settings.favourites, ...settings.recent]) : null;
  const { estimate, fresh } = useEstimate({ workspace, kept: draftKey !== null, chat, parent, content: text, attachments: ready.map((one) => one.id), setup });
  const gauge = estimate === null ? null : gaugeOf(estimate);

  const empty = text.trim() === "" && files.items.length === 0;
  // Why it cannot be sent, in words, where that is not plain to see.
  const obstacle =
    setup.model === null && !early
      ? t("composer.no_model")
      : files.items.some((item) => item.state.is === "sending")
        ? t("composer.wait_files")
        : files.items.some((item) => item.state.is === "failed")
          ? t("composer.remove_failed")
          : null;
  const refused = estimate !== null && estimate.refusal !== null && fresh;
  const complete = !empty && obstacle === null && !unreadable && !refused && !sending;
  const may = complete && !running && !early;

  const send = () => {
    if (!may || setup.model === null) return;
    setSending(true);
    setFailure(null);
    if (settings.recent[0] !== setup.model) change({ recent: usedNow(settings.recent, setup.model) });
    onSend({ content: text.trim(), attachments: ready })
      .then(() => {
        setText("");
        files.reset([]);
        forget();
      }, setFailure)
      .finally(() => {
        setSending(false);
      });
  };
  const afterwards = useEffectEvent(() => {
    if (!queued) return;
    setQueued(false);
    send();
  });
  useEffect(() => {
    if (running || early) return;
    const timer = setTimeout(() => {
      afterwards();
    });
    return () => {
      clearTimeout(timer);
    };
  }, [running, early]);
  const stop = () => {
    setQueued(false);
    onStop();
  };
  const submit = () => {
    if (running || early) setQueued(complete);
    else send();
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const act = actOf({ ...picked(event), isComposing: event.nativeEvent.isComposing }, { enterSends: settings.enter_sends, touch: touch(), running, empty });
    if (act === null) return;
    event.preventDefault();
    if (act === "send") submit();
    else if (act === "stop" && queued) setQueued(false);
    else if (act === "stop") stop();
    else onEditLast();
  };
  const paste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    const words = event.clipboardData.getData("text/plain");
    // A copied cell or paragraph brings a picture of itself along: then the words are meant.
    if (pasted.length > 0 && words === "") {
      event.preventDefault();
      files.add(pasted);
    } else if (words.length > LONG_PASTE) {
      event.preventDefault();
      files.add([new File([words], pasteName(files.items.map((item) => item.name)), { type: "text/plain" })]);
    }
  };
  const insert = (what: string) => {
    const next = inserted(text, area.current?.selectionStart ?? text.length, what);
    setText(next.text);
    setOpen(null);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.caret, next.caret);
    });
  };
  const name = model?.name ?? setup.model;
  return (
    <div className={styles.composer}>
      <div className={styles.notices}>
        <NotSent error={failure} />
        {unreadable && (
          <div role="status">
            <Unreadable
              model={model}
              reader={reader}
              onSwitch={(id) => {
                onSetup({ model: id });
                area.current?.focus();
              }}
            />
          </div>
        )}
        {estimate !== null && failure === null && (
          <div role="status">
            <Before estimate={estimate} />
          </div>
        )}
        <div role="status">
          {queued && (
            <p className={styles.obstacle}>
              {t(early ? "composer.queued_early" : "composer.queued")}{" "}
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => {
                  setQueued(false);
                }}
              >
                {t("composer.unqueue")}
              </Button>
            </p>
          )}
        </div>
        {files.tooMany && <p className={styles.refused}>{t("composer.too_many", { most: MOST_FILES })}</p>}
      </div>
      <div className={styles.box} data-narrow={narrow}>
        <Chips files={files} />
        <Textarea
          ref={area}
          className={styles.area}
          classNames={{ input: styles.input }}
          variant="unstyled"
          size="md"
          autosize
          minRows={1}
          maxRows={narrow ? 6 : 12}
          aria-label={t("composer.label")}
          placeholder={name === null ? t("composer.hint") : t("composer.to", { name })}
          enterKeyHint={settings.enter_sends && !touch() ? "send" : "enter"}
          readOnly={sending || queued}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          onFocus={() => {
            writingRef.current = true;
          }}
          onBlur={() => {
            writingRef.current = false;
          }}
          onKeyDown={press}
          onPaste={paste}
        />
        <Tools workspace={workspace} models={models} setup={setup} onSetup={onSetup} open={open} onOpen={setOpen} onFiles={files.add} onInsert={insert} narrow={narrow} />
        <div className={styles.end}>
          {gauge !== null && !narrow && <Gauge reading={gauge} />}
          {running ? (
            <ActionIcon variant="filled" color="accent" radius="100%" size={36} aria-label={t("chat.stop")} onClick={stop}>
              <IconPlayerStopFilled size={16} aria-hidden />
            </ActionIcon>
          ) : (
            <ActionIcon
              variant="filled"
              color="accent"
              radius="100%"
              size={36}
              aria-label={t("chat.send")}
              aria-disabled={!complete}
              data-disabled={!complete || undefined}
              loading={sending}
              title={obstacle ?? undefined}
              onClick={submit}
            >
              <IconArrowUp size={18} stroke={1.75} aria-hidden />
            </ActionIcon>
          )}
        </div>
      </div>
      {obstacle !== null && !empty && <p className={styles.obstacle}>{obstacle}</p>}
      {over && (
        <div className={styles.over} aria-hidden>
          {t("composer.drop")}
        </div>
      )}
    </div>
  );
}

function picked({ key, keyCode, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent) {
  return { key, keyCode, shiftKey, altKey, ctrlKey, metaKey };
}
