import type { Key } from "@/locales";
import type { Answer, Message } from "./types";

/* PURE  Why an answer is not all that it could be, and what helps. */

export type Help = "continue" | "retry" | "switch" | "recharge";

export interface Reason {
  /** What happened. */
  words: Key;
  /** The server's own sentence is the more precise one. */
  precise: boolean;
  help: readonly Help[];
}

/** What more Credits help against. */
const MONEY = "insufficient_credits";

/** Return why an answer ended as it did; null: it is complete. */
export function reasonOf(message: Message, answer: Answer): Reason | null {
  const begun = message.content !== "";
  const again: Help[] = begun ? ["continue", "retry", "switch"] : ["retry", "switch"];
  switch (answer.state) {
    case "running":
      return null;
    case "complete":
      return answer.finish_reason === "length" ? { words: "chat.reason_length", precise: false, help: begun ? ["continue"] : ["retry"] } : null;
    case "stopped":
      return { words: "chat.reason_stopped", precise: false, help: again };
    case "ended":
      return { words: "chat.reason_ended", precise: true, help: ["recharge", ...again] };
    case "failed":
      return { words: begun ? "chat.reason_broke" : "chat.reason_silent", precise: false, help: again };
    case "cut":
      return { words: "chat.reason_cut", precise: answer.error !== null, help: again };
    case "refused":
      return { words: "chat.reason_refused", precise: true, help: answer.error?.code === MONEY ? ["recharge", "retry", "switch"] : ["retry", "switch"] };
  }
}
