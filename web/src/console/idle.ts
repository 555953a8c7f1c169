/* How long nobody has touched the console. Pages ask for news by themselves, which the server cannot tell from use:
   so the browser closes the console, too. */

export const WARN_SECONDS = 14 * 60;
export const CLOSE_SECONDS = 15 * 60;

export type Phase = "used" | "warn" | "over";

export function phaseOf(idleSeconds: number): Phase {
  if (idleSeconds >= CLOSE_SECONDS) return "over";
  return idleSeconds >= WARN_SECONDS ? "warn" : "used";
}
