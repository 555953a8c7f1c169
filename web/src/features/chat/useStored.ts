import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { api, ask } from "@/api/client";
import { ApiError } from "@/api/problem";
import { setOnly } from "./composer/setting";
import type { Acts, Conversation, Over } from "./conversation";
import { newId } from "./ids";
import { changeTree, chatQuery, creditsMoved, openStream } from "./queries";
import { follow, leave } from "./run";
import { chargeAfter } from "./totals";
import { withMessages } from "./tree";
import type { Chat, Draft, Message, Setup, Tree } from "./types";
import { useNow } from "./useNow";

const NONE: readonly Message[] = [];

interface Options {
  workspace: string;
  /** Null: a chat that begins with its first message. */
  id: string | null;
  /** Where a new chat goes; "" for no folder. */
  folder: string;
  /** What a new chat begins with. */
  initial: Setup;
  /** The new chat is there. */
  onBorn: (chat: string) => void;
  onOver: Over;
}

/** A chat that the server keeps. */
export function useStored({ workspace, id, folder, initial, onBorn, onOver }: Options) {
  const client = useQueryClient();
  const query = useQuery({ ...chatQuery(workspace, id ?? ""), enabled: id !== null });
  const tree = id === null ? undefined : query.data;
  const [chosen, setChosen] = useState<Partial<Setup>>({});
  const setup = useMemo<Setup>(
    () =>
      tree === undefined
        ? { ...initial, ...chosen }
        : { model: tree.model ?? initial.model, system_prompt: tree.system_prompt, parameters: setOnly(tree.parameters) },
    [tree, initial, chosen],
  );

  const now = useNow({ id, folder, setup, onBorn });
  useFollowing(client, workspace, tree, onOver);
  // Made once: a message that does not change is not drawn again.
  const [acts] = useState(() => actsOf(client, workspace, now, setChosen));
  const conversation: Conversation = {
    chat: tree ?? null,
    messages: tree?.messages ?? NONE,
    head: tree?.head ?? null,
    setup,
    charge: tree?.charge ?? "0",
    mine: tree?.mine ?? true,
    temporary: false,
    ...acts,
  };
  return { conversation, query };
}

/** Read along with every answer that is being made, whoever began it. */
function useFollowing(client: QueryClient, workspace: string, tree: Tree | undefined, onOver: Over): void {
  const over = useNow(onOver);
  const chat = tree?.id;
  const running = (tree?.messages ?? NONE).filter((message) => message.answer?.state === "running");
  const ids = running.map((message) => message.id).join(" ");
  const found = useNow(running);
  useEffect(() => {
    if (chat === undefined) return;
    for (const message of found()) {
      const open = (text: number, reasoning: number, signal: AbortSignal) => openStream(workspace, chat, message.id, { text, reasoning }, signal);
      follow(message, open, (end) => {
        if (end === null) return void client.invalidateQueries({ queryKey: chatQuery(workspace, chat).queryKey });
        put(client, workspace, chat, [end]);
        creditsMoved(client, workspace);
        over()(end);
      });
    }
  }, [client, workspace, chat, ids, found, over]);
  // Leaving the page leaves the runs: they go on without it.
  useEffect(
    () => () => {
      for (const message of found()) leave(message.id);
    },
    [chat, found],
  );
}

/** Put messages into the chat as it is known, and their charges into its total. */
function put(client: QueryClient, workspace: string, chat: string, messages: readonly Message[], head?: string): void {
  changeTree(client, workspace, chat, (tree) => {
    const before = new Map(tree.messages.map((message) => [message.id, message]));
    return {
      ...tree,
      messages: withMessages(tree.messages, ...messages),
      charge: messages.reduce((total, message) => chargeAfter(total, before.get(message.id), message), tree.charge),
      head: head ?? tree.head,
    };
  });
}

interface Now {
  id: string | null;
  folder: string;
  setup: Setup;
  onBorn: (chat: string) => void;
}

function actsOf(client: QueryClient, workspace: string, now: () => Now, choose: (change: (before: Partial<Setup>) => Partial<Setup>) => void): Acts {
  // A message that may have arrived is sent again under its own id: then it is one message.
  let tried: { id: string; text: string } | null = null;
  // A chat that was made for a message of which we do not know whether it arrived waits for the next one.
  let made: Chat | null = null;

  const here = () => {
    const { id } = now();
    if (id === null) throw new Error("this chat has not begun");
    return id;
  };
  const began = async (): Promise<string> => {
    const { id, folder, setup } = now();
    if (id !== null) return id;
    const path = { workspace };
    // Without one of its own, a chat begins with the system prompt of its folder.
    const { system_prompt: prompt } = setup;
    const body = { ...setup, system_prompt: prompt === "" ? null : prompt, folder: folder === "" ? null : folder };
    made ??= await ask(api.POST("/api/workspaces/{workspace}/chats", { params: { path }, body }));
    return made.id;
  };
  const change = async (body: Parameters<typeof patch>[2]) => {
    const chat = here();
    const changed = await patch(workspace, chat, body);
    changeTree(client, workspace, chat, (tree) => ({ ...tree, ...changed }));
    void client.invalidateQueries({ queryKey: [workspace, "chats"] });
  };

  return {
    send: async (parent, draft, rerun = true) => {
      const { id: open, setup } = now();
      const text = JSON.stringify([parent, draft, rerun]);
      if (tried?.text !== text) tried = { id: newId("msg"), text };
      const earlier = made;
      const chat = await began();
      if (open === null && earlier !== null) await keepSetup(workspace, earlier, setup);
      const sent = await sendMessage(workspace, chat, tried.id, parent, draft, rerun && setup.model !== null ? [setup.model] : []).catch((error: unknown) => {
        if (wasRefused(error)) {
          tried = null;
          // No chat stays behind that says nothing.
          if (open === null) {
            made = null;
            void discard(workspace, chat);
          }
        }
        throw error;
      });
      tried = null;
      const head = sent.answers[0]?.id ?? sent.message.id;
      if (open === null && made !== null) {
        client.setQueryData(chatQuery(workspace, chat).queryKey, { ...made, messages: [] });
      }
      put(client, workspace, chat, [sent.message, ...sent.answers], head);
      if (open === null) {
        made = null;
        now().onBorn(chat);
        // The server named it.
        void client.invalidateQueries({ queryKey: chatQuery(workspace, chat).queryKey });
      }
      void client.invalidateQueries({ queryKey: [workspace, "chats"] });
    },
    again: async (question, model) => {
      const chat = here();
      const path = { workspace, chat, message: question };
      const body = { ids: [newId("msg")], models: [model] };
      const { answers } = await ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/messages/{message}/answers", { params: { path }, body }));
      put(client, workspace, chat, answers, answers[0]?.id);
    },
    goOn: async (answer, model) => {
      const chat = here();
      const path = { workspace, chat, message: answer };
      const body = { id: newId("msg"), model: model ?? null };
      const { answers } = await ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/messages/{message}/continue", { params: { path }, body }));
      put(client, workspace, chat, answers, answers[0]?.id);
    },
    stop: async (answers) => {
      const chat = here();
      await Promise.all(
        answers.map((message) =>
          ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/messages/{message}/stop", { params: { path: { workspace, chat, message } } })),
        ),
      );
    },
    correct: async (answer, content) => {
      const chat = here();
      const path = { workspace, chat, message: answer };
      const changed = await ask(api.PATCH("/api/workspaces/{workspace}/chats/{chat}/messages/{message}", { params: { path }, body: { content } }));
      put(client, workspace, chat, [changed]);
    },
    show: (head) => {
      const chat = here();
      changeTree(client, workspace, chat, (tree) => ({ ...tree, head }));
      // What is shown is a convenience: when it cannot be kept, it is shown all the same.
      patch(workspace, chat, { head }).catch(() => undefined);
    },
    change: (setup) => {
      const { id } = now();
      if (id === null) {
        choose((before) => ({ ...before, ...setup }));
        return;
      }
      changeTree(client, workspace, id, (tree) => ({ ...tree, ...setup }));
      change(setup).catch(() => client.invalidateQueries({ queryKey: chatQuery(workspace, id).queryKey }));
    },
    rename: (title) => change({ title }),
  };
}

function patch(workspace: string, chat: string, body: Partial<Setup> & { title?: string; head?: string }): Promise<Chat> {
  return ask(api.PATCH("/api/workspaces/{workspace}/chats/{chat}", { params: { path: { workspace, chat } }, body, keepalive: true }));
}

/** Refused is refused; of what did not come back, we cannot know. */
export function wasRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status !== 0 && error.status < 500;
}

/** Let go of a chat that says nothing, because its first message was refused. */
export async function discard(workspace: string, chat: string): Promise<void> {
  await api.DELETE("/api/workspaces/{workspace}/chats/{chat}", { params: { path: { workspace, chat } } }).catch(() => undefined);
}

/** A chat that was made earlier goes out with what is chosen now. */
async function keepSetup(workspace: string, made: Chat, setup: Setup): Promise<void> {
  const same = JSON.stringify([made.model, made.system_prompt, setOnly(made.parameters)]) === JSON.stringify([setup.model, setup.system_prompt, setup.parameters]);
  if (!same) Object.assign(made, await patch(workspace, made.id, setup));
}

function sendMessage(workspace: string, chat: string, id: string, parent: string | null, draft: Draft, models: string[]) {
  const body = { id, parent, content: draft.content, attachments: draft.attachments.map((file) => file.id), models };
  return ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/messages", { params: { path: { workspace, chat } }, body }));
}
