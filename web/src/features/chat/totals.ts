import { parse, plain } from "@/lib/money";
import type { Message } from "./types";

/* PURE  What answers came to. */

/** Return a sum of Credits; what is not known yet counts nothing. */
export function sumOf(amounts: Iterable<string | null | undefined>): string {
  let nano = 0n;
  for (const amount of amounts) if (amount) nano += parse(amount);
  return plain(nano);
}

/** Return the charge of a chat after one of its messages changed. */
export function chargeAfter(total: string, before: Message | undefined, after: Message): string {
  return plain(parse(total) - parse(before?.answer?.charge ?? "0") + parse(after.answer?.charge ?? "0"));
}

/** Return the tokens of an answer, both ways; null when they are not known. */
export function tokensOf(message: Message): number | null {
  const { prompt_tokens: asked = null, completion_tokens: said = null } = message.answer ?? {};
  return asked === null && said === null ? null : (asked ?? 0) + (said ?? 0);
}
