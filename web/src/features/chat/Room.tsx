import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { modelsQuery } from "@/api/queries";
import { copyText } from "@/lib/copy";
import { parse, short } from "@/lib/money";
import { useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Waiting } from "@/ui/Result";
import { useShortcuts } from "@/ui/shortcuts";
import { BlockSkeleton } from "@/ui/skeletons";
import { useWorkspace } from "@/ui/workspace";
import styles from "./chat.module.css";
import { Composer, type ComposerHandle } from "./composer/Composer";
import type { Over } from "./conversation";
import { Empty } from "./Empty";
import { Head } from "./Head";
import { lastCode } from "./lastCode";
import { Thread } from "./Thread";
import { branchOf, forestOf, turnsOf } from "./tree";
import type { Draft, Model } from "./types";
import { useFollow } from "./useFollow";
import { useFound } from "./useFound";
import { useInitial } from "./useInitial";
import { useNow } from "./useNow";
import { useStored } from "./useStored";
import { useTemporary } from "./useTemporary";

/** "" for what it does not ask for. */
export interface Link {
  model: string;
  text: string;
  folder: string;
}

interface RoomProps {
  /** Null: a new chat. */
  id: string | null;
  temporary: boolean;
  onTemporary: (on: boolean) => void;
  /** What a link asks to begin with: `?model=&q=`. It fills, and never sends. */
  link: Link;
  onBorn: (chat: string) => void;
  onNew: () => void;
}

const NONE: readonly Model[] = [];

/** One chat: its head, what was said, and the next word. */
export function Room({ id, temporary, onTemporary, link, onBorn, onNew }: RoomProps) {
  const { t, tag } = useWords();
  const workspace = useWorkspace();
  const models = useQuery(modelsQuery(workspace.id)).data ?? NONE;
  const initial = useInitial(models, link.model);
  const [said, setSaid] = useState({ number: 0, text: "" });
  const onOver = useCallback<Over>(
    ({ answer }) => {
      const amount = short(parse(answer?.charge ?? "0"), "charge", tag);
      setSaid(({ number }) => ({ number: number + 1, text: t(answer?.state === "complete" ? "chat.said_complete" : "chat.said_ended", { amount }) }));
    },
    [t, tag],
  );
  const stored = useStored({ workspace: workspace.id, id, folder: link.folder, initial, onBorn, onOver });
  const fleeting = useTemporary(workspace.id, initial, onOver);
  const conversation = temporary ? fleeting : stored.conversation;
  const { messages, head, setup, mine } = conversation;

  const forest = useMemo(() => forestOf(messages), [messages]);
  const branch = useMemo(() => branchOf(forest, head), [forest, head]);
  const turns = useMemo(() => turnsOf(branch), [branch]);
  const running = branch.filter((message) => message.answer?.state === "running").map((message) => message.id);
  const list = useRef<HTMLDivElement>(null);
  const opened = turns.length > 0;
  const aimed = useFound(forest, turns, conversation.show);
  const { news, end } = useFollow(list, running.length > 0, opened, aimed);
  const [editing, setEditing] = useState<string | null>(null);

  const composer = useRef<ComposerHandle>(null);
  useEffect(() => {
    if (link.text !== "") composer.current?.fill(link.text);
  }, [link.text]);
  useKeys(branch.findLast((message) => message.answer !== null)?.content ?? "", () => composer.current?.focus());

  const send = async (draft: Draft) => {
    await conversation.send(branch.at(-1)?.id ?? null, draft);
    requestAnimationFrame(end);
  };
  const model = models.find((one) => one.id === setup.model || one.aliases.includes(setup.model ?? "")) ?? null;
  const missing = id !== null && stored.query.data === undefined && !temporary;
  return (
    <section className={styles.room} aria-label={t("chat.thread")}>
      <Head conversation={conversation} onNew={onNew} onTemporary={id === null && messages.length === 0 ? onTemporary : null} />
      {temporary && (
        <p className={styles.temporary} role="note">
          {t("chat.temporary_banner")}
        </p>
      )}
      {missing ? (
        <div className={styles.missing}>
          {stored.query.isError ? (
            <ErrorNotice error={stored.query.error} retry={() => void stored.query.refetch()} />
          ) : (
            <Waiting skeleton={<BlockSkeleton height={360} />} retry={() => void stored.query.refetch()} />
          )}
        </div>
      ) : opened ? (
        <Thread
          conversation={conversation}
          forest={forest}
          turns={turns}
          models={models}
          list={list}
          news={news}
          onEnd={end}
          editing={editing}
          onEdit={setEditing}
        />
      ) : (
        <Empty model={model} onSample={(text) => composer.current?.fill(text)} />
      )}
      <span role="status" className="visually-hidden">
        <span key={said.number}>{said.text}</span>
      </span>
      {!missing && mine && (
        <div className={styles.foot} data-keeps-focus>
          <div className={styles.composer}>
            <Composer
              ref={composer}
              workspace={workspace.id}
              chat={temporary ? null : id}
              draftKey={temporary ? null : `${workspace.id}/${id ?? "new"}`}
              parent={branch.at(-1)?.id ?? null}
              history={temporary ? branch : undefined}
              models={models}
              setup={setup}
              onSetup={conversation.change}
              running={running.length > 0}
              onSend={send}
              onStop={() => void conversation.stop(running)}
              onEditLast={() => {
                setEditing(branch.findLast((message) => message.answer === null)?.id ?? null);
              }}
            />
          </div>
        </div>
      )}
      {!missing && !mine && <p className={styles.readonly}>{t("chat.not_mine")}</p>}
    </section>
  );
}

/** Copy the last answer or its last code, go to the input. */
function useKeys(answer: string, onFocus: () => void): void {
  const now = useNow({ answer, onFocus });
  useShortcuts(
    useMemo(
      () => ({
        "shift+c": () => void copyText(now().answer),
        "shift+;": () => void copyText(lastCode(now().answer)),
      }),
      [now],
    ),
    "page",
  );
  useEffect(() => {
    const back = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      now().onFocus();
    };
    addEventListener("keydown", back);
    return () => {
      removeEventListener("keydown", back);
    };
  }, [now]);
}
