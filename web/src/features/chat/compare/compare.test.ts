import { expect, test } from "vitest";

import type { Message } from "../types";
import { comparison, tabAfter } from "./compare";

function said(id: string, parent: string | null, model?: string): Message {
  const answer = model === undefined ? null : ({ state: "complete", wanted_model: model, model } as unknown as Message["answer"]);
  return { id, parent, answer, role: answer === null ? "user" : "assistant", content: id, attachments: [], created_at: "", edited_at: null } as Message;
}

test("a comparison is the newest answer of each model to the last question", () => {
  expect(comparison([])).toEqual({ question: null, answers: [] });
  const messages = [said("q1", null), said("x", "q1", "a"), said("q2", null), said("a1", "q2", "a"), said("b1", "q2", "b"), said("a2", "q2", "a")];
  const { question, answers } = comparison(messages);
  expect(question?.id).toBe("q2");
  expect(answers.map((answer) => answer.id)).toEqual(["a2", "b1"]);
});

test("tabs go round", () => {
  expect([tabAfter("ArrowRight", 2, 3), tabAfter("ArrowLeft", 0, 3), tabAfter("Home", 2, 3), tabAfter("End", 0, 3), tabAfter("x", 0, 3)]).toEqual([0, 2, 0, 2, null]);
});
