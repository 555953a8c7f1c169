import type { ServerEvent } from "./sse";
import type { Answer, Message } from "./types";

/* PURE  What a running answer has said so far, event by event. */

export interface Live {
  text: string;
  reasoning: string;
  answer: Answer;
  /** The message as it stays: the answer is over. */
  done: Message | null;
}

/** An event that begins behind what is there: something got lost, so ask again from where we are. */
export class Gap extends Error {}

export function begin(message: Message, answer: Answer): Live {
  return { text: message.content, reasoning: answer.reasoning, answer, done: null };
}

/** Return what is there after an event. Errors: Gap; SyntaxError for what is no JSON. */
export function hear(live: Live, event: ServerEvent): Live {
  switch (event.name) {
    case "piece": {
      const piece = JSON.parse(event.data) as { kind: "text" | "reasoning"; offset: number; text: string };
      const before = live[piece.kind];
      if (piece.offset > before.length) throw new Gap(`${String(piece.offset)} behind ${String(before.length)}`);
      // What is there already came again after a new connection.
      const fresh = piece.text.slice(before.length - piece.offset);
      return fresh === "" ? live : { ...live, [piece.kind]: before + fresh };
    }
    case "state":
      return { ...live, answer: { ...live.answer, ...(JSON.parse(event.data) as Partial<Answer>) } };
    case "done": {
      const { message } = JSON.parse(event.data) as { message: Message };
      return { text: message.content, reasoning: message.answer?.reasoning ?? "", answer: message.answer ?? live.answer, done: message };
    }
    default:
      return live;
  }
}
