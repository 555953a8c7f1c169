import type { Answer, Message } from "./types";

/* For tests: messages by what matters of them. */

export function answer(changes: Partial<Answer> = {}): Answer {
  return {
    state: "complete", continues: false, wanted_model: "m", model: "m", request: "req_1", reasoning: "", reasoning_ms: null, finish_reason: "stop",
    error: null, charge: "0.1", prompt_tokens: 1, completion_tokens: 1, cached_tokens: 0, reasoning_tokens: 0, estimated: false,
    first_delta_ms: 1, duration_ms: 2, finished_at: "2026-01-01T00:00:00Z", ...changes,
  };
}

export function message(id: string, parent: string | null, made: Partial<Answer> | null = null): Message {
  return {
    id, parent, role: made === null ? "user" : "assistant", content: `text of ${id}`, edited_at: null, created_at: "2026-01-01T00:00:00Z",
    attachments: [], answer: made === null ? null : answer(made),
  };
}
