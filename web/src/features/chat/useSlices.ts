import { useEffect, useState } from "react";

/** Of a long chat, its end is there at once and the rest comes in slices: nobody waits for what is not seen. */
const FIRST = 12;
const SLICE = 40;
const PAUSE_MS = 16;

/** Return how many of the first ones are left out for now. */
export function useSlices(count: number): number {
  const [drawn, setDrawn] = useState(FIRST);
  const whole = drawn >= count;
  useEffect(() => {
    // What is there once is not left out again because something was said.
    if (whole) return;
    const timer = setTimeout(() => {
      setDrawn(drawn + SLICE >= count ? Infinity : drawn + SLICE);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [drawn, count, whole]);
  return whole ? 0 : count - drawn;
}
