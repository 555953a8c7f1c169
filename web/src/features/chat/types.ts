import type { Schemas } from "@/api/client";

/* What /api says about chats, and what the parts of the page hand each other. */

/** Only what is set. */
export type Parameters = { [K in keyof Schemas["Parameters"]]?: NonNullable<Schemas["Parameters"][K]> };
export type Answer = Schemas["Answer"];
export type AnswerState = Answer["state"];
export type Message = Schemas["Message"];
export type Chat = Schemas["Chat"];
/** A chat with the messages of all its branches, oldest first. */
export type Tree = Schemas["ChatThread"];
export type Model = Schemas["ModelRow"];

export interface Attachment extends Omit<Schemas["Attachment"], "kind"> {
  kind: "image" | "text" | "pdf";
  /** Of a file of a temporary chat, which is kept nowhere: its text, or the data URL of a picture. */
  inline?: string;
}

/** What the next message of a chat goes out with. */
export interface Setup {
  model: string | null;
  system_prompt: string;
  parameters: Parameters;
}

/** What the composer hands over. */
export interface Draft {
  content: string;
  attachments: Attachment[];
}
