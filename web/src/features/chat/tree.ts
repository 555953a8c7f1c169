import type { Message } from "./types";

/* PURE  A chat is a tree: every message follows one other, several may follow the same. What is shown is one branch. */

export interface Forest {
  byId: ReadonlyMap<string, Message>;
  /** What follows a message, oldest first; null: what begins the chat. */
  after: ReadonlyMap<string | null, readonly Message[]>;
}

export function forestOf(messages: readonly Message[]): Forest {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const after = new Map<string | null, Message[]>();
  for (const message of messages) {
    const parent = message.parent !== null && byId.has(message.parent) ? message.parent : null;
    const siblings = after.get(parent);
    if (siblings === undefined) after.set(parent, [message]);
    else siblings.push(message);
  }
  return { byId, after };
}

/** Return a branch from its first message to `head`; without one, the newest. */
export function branchOf(forest: Forest, head: string | null): Message[] {
  const branch: Message[] = [];
  let at = forest.byId.get(head ?? "") ?? forest.byId.get(newestBelow(forest, null) ?? "");
  while (at !== undefined && branch.length <= forest.byId.size) {
    branch.push(at);
    at = at.parent === null ? undefined : forest.byId.get(at.parent);
  }
  return branch.reverse();
}

/** Return the last message below another one: of several that follow, the newest. Itself when nothing follows. */
export function newestBelow(forest: Forest, id: string | null): string | null {
  let at = id;
  for (let step = 0; step <= forest.byId.size; step++) {
    const next = forest.after.get(at)?.at(-1);
    if (next === undefined) break;
    at = next.id;
  }
  return at;
}

/** Which of how many, for ‹2/3›. */
export interface Place {
  index: number;
  ids: readonly string[];
}

/** Return the alternatives to a message, itself among them: what else follows the same one. */
export function placeOf(forest: Forest, message: Message): Place {
  const parent = message.parent !== null && forest.byId.has(message.parent) ? message.parent : null;
  const ids = (forest.after.get(parent) ?? [message]).map((one) => one.id);
  return { index: ids.indexOf(message.id), ids };
}

/** Return the head that shows the alternative `step` places on; null when there is none. */
export function headAt(forest: Forest, place: Place, step: number): string | null {
  const id = place.ids[place.index + step];
  return id === undefined ? null : newestBelow(forest, id);
}

/** One thing to read: a question, or an answer with all that continues it. */
export interface Turn {
  /** Of its first message. */
  id: string;
  parts: readonly [Message, ...Message[]];
}

/** Return a branch as turns: an answer that goes on where another one had to end is read as one. */
export function turnsOf(branch: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of branch) {
    const before = turns.at(-1);
    if (message.answer?.continues && before?.parts[0].answer) turns[turns.length - 1] = { ...before, parts: [...before.parts, message] };
    else turns.push({ id: message.id, parts: [message] });
  }
  return turns;
}

/** Return the last part of a turn. */
export function lastOf(turn: Turn): Message {
  return turn.parts.at(-1) ?? turn.parts[0];
}

/** Return the messages with some added, or put in the place of what they were. */
export function withMessages(messages: readonly Message[], ...more: readonly Message[]): Message[] {
  const fresh = new Map(more.map((message) => [message.id, message]));
  const kept = messages.map((message) => {
    const next = fresh.get(message.id);
    fresh.delete(message.id);
    return next ?? message;
  });
  return [...kept, ...fresh.values()];
}
