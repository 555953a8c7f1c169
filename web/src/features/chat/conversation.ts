import type { Chat, Draft, Message, Setup } from "./types";

/** What the page shows of a chat, and what it can do with it: stored or temporary. */
export interface Conversation extends Acts {
  /** Null: new, or temporary. */
  chat: Chat | null;
  messages: readonly Message[];
  /** The last message of the branch that is shown. */
  head: string | null;
  setup: Setup;
  /** Credits of all answers, a decimal string. */
  charge: string;
  /** It can be written in: not one that somebody else shared. */
  mine: boolean;
  /** It is not stored. */
  temporary: boolean;
}

/** All reject with an ApiError. They stay the same as long as the page does. */
export interface Acts {
  /** Say something below `parent`, and have the model of the setup answer it. rerun false: only keep it. */
  send: (parent: string | null, draft: Draft, rerun?: boolean) => Promise<void>;
  /** Have a question answered once more. */
  again: (question: string, model: string) => Promise<void>;
  /** Have an answer go on where it had to end. */
  goOn: (answer: string, model?: string) => Promise<void>;
  stop: (answers: readonly string[]) => Promise<void>;
  /** Change the text of an answer. */
  correct: (answer: string, content: string) => Promise<void>;
  /** Show the branch that ends with a message. */
  show: (head: string) => void;
  change: (setup: Partial<Setup>) => void;
  rename: (title: string) => Promise<void>;
}

/** An answer is over: for the live region. */
export type Over = (message: Message) => void;
