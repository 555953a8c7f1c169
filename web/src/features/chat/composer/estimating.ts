/* PURE  When an estimate is worth a look, and what it says. */

export interface Estimate {
  model: string;
  prompt_tokens: number;
  /** Credits, decimal strings. */
  prompt_charge: string | null;
  hold: string | null;
  context: number | null;
  context_used: number | null;
  dropped: number;
  answer_tokens_affordable: number | null;
  refusal: { code: string; message: string } | null;
}

/** A prompt from here on is told its price before it is sent. */
export const LARGE = 4000;
/** Fewer tokens of answer than this are worth a word. */
export const SCARCE = 2000;

/** Return whether a change of the draft asks for an estimate at once or only after a pause, and for none when nothing is written. */
export function worthAsking(characters: number, files: number): boolean {
  return characters > 0 || files > 0;
}

/** Return what of an estimate is said: the price of a large prompt, how much answer a low balance still pays for. */
export function told(estimate: Estimate): { price: boolean; scarce: boolean; blocked: boolean } {
  const affordable = estimate.answer_tokens_affordable;
  return {
    price: estimate.prompt_tokens >= LARGE,
    scarce: affordable !== null && affordable < SCARCE && estimate.refusal === null,
    blocked: estimate.refusal !== null,
  };
}

export interface Gauge {
  used: number;
  limit: number;
  /** 0 to 1. */
  part: number;
  full: "no" | "soon" | "over";
}

/** Return how much of the context is used; null while nobody knows the limit. */
export function gaugeOf(estimate: Estimate): Gauge | null {
  const { context: limit, context_used: used } = estimate;
  if (limit === null || used === null || limit <= 0) return null;
  const part = Math.min(1, used / limit);
  return { used, limit, part, full: used > limit ? "over" : part >= 0.8 ? "soon" : "no" };
}
