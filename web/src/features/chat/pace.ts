/* PURE  How long to wait before the next try of a connection. */

const FIRST_MS = 300;
const LONGEST_MS = 8_000;

/** Return milliseconds: doubling, with a fifth at random, so that all pages do not come back at once. random: 0 to 1 */
export function pauseOf(failures: number, random: number): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(base * (0.8 + 0.4 * random));
}
