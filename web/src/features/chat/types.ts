import type { Model } from "@/api/queries";

/* What /api says about chats. */

export interface Parameters {
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  reasoning_effort?: "low" | "medium" | "high";
}

export interface Attachment {
  id: string;
  name: string;
  kind: "image" | "text" | "pdf";
  media_type: string;
  size: number;
  tokens: number;
  pages: number | null;
  width: number | null;
  height: number | null;
  /** In a temporary chat, which keeps no files: the text of a text or PDF, or a picture as a data URL. */
  inline?: string;
}

export type AnswerState = "running" | "complete" | "stopped" | "ended" | "failed" | "cut" | "refused";

/** What one request to a model came to. */
export interface Answer {
  state: AnswerState;
  /** It goes on where its parent, an answer too, had to end. */
  continues: boolean;
  wanted_model: string | null;
  /** What answered; null until it is known. */
  model: string | null;
  request: string | null;
  reasoning: string;
  reasoning_ms: number | null;
  finish_reason: string | null;
  error: { code: string; message: string; [detail: string]: unknown } | null;
  /** Credits, a decimal string; null while it runs. */
  charge: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cached_tokens: number | null;
  reasoning_tokens: number | null;
  estimated: boolean | null;
  first_delta_ms: number | null;
  duration_ms: number | null;
  finished_at: string | null;
}

export interface Message {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  content: string;
  edited_at: string | null;
  created_at: string;
  attachments: Attachment[];
  /** Null: a question. */
  answer: Answer | null;
}

/** What the next message of a chat goes out with. */
export interface Setup {
  model: string | null;
  system_prompt: string;
  parameters: Parameters;
}

export interface Chat extends Setup {
  id: string;
  title: string;
  title_chosen: boolean;
  folder: string | null;
  head: string | null;
  pinned: boolean;
  archived: boolean;
  shared: boolean;
  mine: boolean;
  running: boolean;
  charge: string;
  tokens: number;
  created_at: string;
  updated_at: string;
}

export interface Tree extends Chat {
  /** Of all branches, oldest first. */
  messages: Message[];
}

export type { Model };

/** What the composer hands over. */
export interface Draft {
  content: string;
  attachments: Attachment[];
}
