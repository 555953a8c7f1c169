import type { Message } from "../types";

/* PURE  Several answers to one question, side by side. */

export const FEWEST = 2;
export const MOST = 4;

/** Return the question that was asked last and its newest answers, one for each model, in the order of their models. */
export function comparison(messages: readonly Message[]): { question: Message | null; answers: readonly Message[] } {
  const question = messages.findLast((message) => message.answer === null) ?? null;
  if (question === null) return { question, answers: [] };
  const byModel = new Map<string, Message>();
  for (const message of messages) {
    if (message.parent === question.id && message.answer !== null) byModel.set(message.answer.wanted_model ?? message.answer.model ?? message.id, message);
  }
  return { question, answers: [...byModel.values()] };
}

/** Return which column to show after a key on the tabs; null: the key means nothing to them. */
export function tabAfter(key: string, now: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
      return (now + 1) % count;
    case "ArrowLeft":
      return (now + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
