import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";

import { api, ask } from "@/api/client";
import { modelsQuery } from "@/api/queries";
import { parse, short } from "@/lib/money";
import { useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { PageHeader } from "@/ui/PageHeader";
import { BlockSkeleton } from "@/ui/skeletons";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import type { Over } from "../conversation";
import { newId } from "../ids";
import { chatQuery } from "../queries";
import type { Chat, Message, Model } from "../types";
import { useInitial } from "../useInitial";
import { discard, useStored, wasRefused } from "../useStored";
import { Ask } from "./Ask";
import { Columns } from "./Columns";
import { comparison } from "./compare";
import styles from "./compare.module.css";

const NONE: readonly Model[] = [];

/** One prompt, answered by several models side by side. It is a chat with several answers to one message. */
export default function ComparePage() {
  const { t, tag } = useWords();
  const workspace = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const address = useAddress();
  const chat = address.value("chat");
  const listed = useQuery(modelsQuery(workspace.id));
  const models = listed.data ?? NONE;
  const initial = useInitial(models, "");
  const [said, setSaid] = useState({ number: 0, text: "" });
  const onOver = useCallback<Over>(
    ({ answer }) => {
      const amount = short(parse(answer?.charge ?? "0"), "charge", tag);
      setSaid(({ number }) => ({ number: number + 1, text: t("compare.said", { model: answer?.model ?? answer?.wanted_model ?? "", amount }) }));
    },
    [t, tag],
  );
  const { conversation, query } = useStored({ workspace: workspace.id, id: chat === "" ? null : chat, initial, folder: "", onBorn: () => undefined, onOver });
  const { question, answers } = comparison(conversation.messages);
  const send = useAsk(workspace.id, (made) => {
    client.setQueryData(chatQuery(workspace.id, made.id).queryKey, made);
    void client.invalidateQueries({ queryKey: [workspace.id, "chats"] });
    address.set({ chat: made.id });
  });
  const goOn = (message: Message) => {
    conversation.show(message.id);
    void navigate({ to: "/w/$ws/chat/$chat", params: { ws: workspace.id, chat } });
  };
  return (
    <div>
      <PageHeader
        title={t("compare.title")}
        lead={chat === "" ? t("compare.lead") : undefined}
        actions={
          chat !== "" && (
            <Button
              variant="default"
              onClick={() => {
                address.set({ chat: "" });
              }}
            >
              {t("compare.again")}
            </Button>
          )
        }
      />
      {chat === "" ? (
        listed.isSuccess && <Ask key={initial.model} models={models} initial={initial.model === null ? [] : [initial.model]} onAsk={send} />
      ) : query.isError ? (
        <ErrorNotice error={query.error} retry={() => void query.refetch()} />
      ) : question === null ? (
        <BlockSkeleton height={360} />
      ) : (
        <>
          <p className={styles.question}>{question.content}</p>
          {answers.length > 0 && <Columns answers={answers} conversation={conversation} models={models} onContinue={goOn} />}
        </>
      )}
      <span role="status" className="visually-hidden">
        <span key={said.number}>{said.text}</span>
      </span>
    </div>
  );
}

/** Begin a chat with one message to several models. A message that may have arrived is sent again as the same one. */
function useAsk(workspace: string, born: (tree: Chat & { messages: Message[] }) => void) {
  const tried = useRef<{ text: string; chat: Chat; id: string } | null>(null);
  return async (content: string, models: string[]) => {
    const text = JSON.stringify([content, models]);
    if (tried.current?.text !== text) {
      const made = await ask(api.POST("/api/workspaces/{workspace}/chats", { params: { path: { workspace } }, body: { model: models[0] } }));
      tried.current = { text, chat: made, id: newId("msg") };
    }
    const { chat, id } = tried.current;
    const path = { workspace, chat: chat.id };
    const body = { id, parent: null, content, attachments: [], models };
    const sent = await ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/messages", { params: { path }, body })).catch((error: unknown) => {
      if (wasRefused(error)) {
        tried.current = null;
        void discard(workspace, chat.id);
      }
      throw error;
    });
    tried.current = null;
    born({ ...chat, head: sent.answers[0]?.id ?? sent.message.id, messages: [sent.message, ...sent.answers] });
  };
}
