import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { ApiError, problemOf } from "@/api/problem";
import type { Acts, Conversation, Over } from "./conversation";
import { newId } from "./ids";
import type { Live } from "./live";
import { openTemporary } from "./openTemporary";
import { creditsMoved, receiptQuery } from "./queries";
import { follow, leave } from "./run";
import { sumOf } from "./totals";
import { branchOf, forestOf, withMessages } from "./tree";
import type { Answer, Draft, Message, Setup } from "./types";
import { useNow } from "./useNow";

interface Kept {
  messages: readonly Message[];
  head: string | null;
}

/** A chat that is nowhere but in this page. Leaving it ends it. */
export function useTemporary(workspace: string, initial: Setup, onOver: Over): Conversation {
  const client = useQueryClient();
  const [kept, setKept] = useState<Kept>({ messages: [], head: null });
  const [chosen, setChosen] = useState<Partial<Setup>>({});
  const setup = useMemo(() => ({ ...initial, ...chosen }), [initial, chosen]);
  const now = useNow({ kept, setup, onOver });
  useEffect(
    () => () => {
      for (const message of now().kept.messages) if (message.answer?.state === "running") leave(message.id);
    },
    [now],
  );

  const [acts] = useState<Acts>(() => {
    const keep = (...messages: Message[]) => {
      setKept((before) => ({ ...before, messages: withMessages(before.messages, ...messages) }));
    };
    const settle = (message: Message) => {
      keep(message);
      creditsMoved(client, workspace);
      now().onOver(message);
    };
    /** What a connection that broke off had brought; its charge is on its receipt as soon as it is settled. */
    const broken = async (message: Message, live: Live, state: Answer["state"]) => {
      const answer: Answer = { ...live.answer, reasoning: live.reasoning, state, finished_at: new Date().toISOString() };
      const cut = { ...message, content: live.text, answer };
      keep(cut);
      const { request } = live.answer;
      for (let tries = 0; request !== null && tries < 20; tries++) {
        const receipt = await client.fetchQuery({ ...receiptQuery(workspace, request), staleTime: 0 }).catch(() => null);
        if (receipt && !receipt.running) return settle({ ...cut, answer: { ...answer, charge: receipt.cost, estimated: receipt.estimated } });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      creditsMoved(client, workspace);
    };
    const stopped = new Set<string>();

    /** Resolves when the answer has begun, rejects when it was refused: then nothing is kept. */
    const ask = (question: Message, before: Kept, continued?: Message, model?: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const { setup } = now();
        const wanted = { ...setup, model: model ?? setup.model };
        const answer = running(continued?.id ?? question.id, wanted.model, continued !== undefined);
        const messages = withMessages(before.messages, question, answer);
        const branch = branchOf(forestOf(messages), continued?.id ?? question.id);
        let opened = false;
        follow(
          answer,
          async (_text, _reasoning, signal) => {
            // Its connection was the run: there is nothing to come back to.
            if (opened) throw new ApiError(410, problemOf(null, null));
            try {
              const stream = await openTemporary(workspace, branch, wanted, signal);
              opened = true;
              setKept({ messages, head: answer.id });
              resolve();
              return stream;
            } catch (error) {
              reject(error instanceof Error ? error : new Error("it did not begin"));
              throw new ApiError(410, problemOf(null, null));
            }
          },
          (end, live) => {
            if (end !== null) settle({ ...end, id: answer.id, parent: answer.parent });
            else if (opened) void broken(answer, live, stopped.has(answer.id) ? "stopped" : "cut");
          },
        );
      });

    return {
      send: async (parent, draft, rerun = true) => {
        const question = asked(parent, draft);
        if (!rerun) {
          setKept((before) => ({ messages: [...before.messages, question], head: question.id }));
          return;
        }
        await ask(question, now().kept);
      },
      again: async (id, model) => {
        const question = now().kept.messages.find((message) => message.id === id);
        if (question !== undefined) await ask(question, now().kept, undefined, model);
      },
      goOn: async (id, model) => {
        const { messages } = now().kept;
        const before = messages.find((message) => message.id === id);
        if (before !== undefined) await ask(before, now().kept, before, model);
      },
      stop: (ids) => {
        for (const id of ids) {
          stopped.add(id);
          leave(id, true);
        }
        return Promise.resolve();
      },
      correct: (id, content) => {
        const message = now().kept.messages.find((one) => one.id === id);
        if (message !== undefined) keep({ ...message, content, edited_at: new Date().toISOString() });
        return Promise.resolve();
      },
      show: (head) => {
        setKept((before) => ({ ...before, head }));
      },
      change: (setup) => {
        setChosen((before) => ({ ...before, ...setup }));
      },
      rename: () => Promise.resolve(),
    };
  });
  return {
    chat: null,
    messages: kept.messages,
    head: kept.head,
    setup,
    charge: sumOf(kept.messages.map((message) => message.answer?.charge)),
    mine: true,
    temporary: true,
    ...acts,
  };
}

function asked(parent: string | null, draft: Draft): Message {
  return {
    id: newId("msg"), parent, role: "user", content: draft.content, edited_at: null, created_at: new Date().toISOString(),
    attachments: draft.attachments, answer: null,
  };
}

function running(parent: string, model: string | null, continues: boolean): Message {
  return {
    id: newId("msg"), parent, role: "assistant", content: "", edited_at: null, created_at: new Date().toISOString(), attachments: [],
    answer: {
      state: "running", continues, wanted_model: model, model: null, request: null, reasoning: "", reasoning_ms: null, finish_reason: null,
      error: null, charge: null, prompt_tokens: null, completion_tokens: null, cached_tokens: null, reasoning_tokens: null, estimated: null,
      first_delta_ms: null, duration_ms: null, finished_at: null,
    },
  };
}
