import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { useNow } from "./useNow";

/** So near to the end counts as at the end. */
const NEAR_PX = 48;
/** After the last word come its cost, and why it ended. */
const AFTER_MS = 1_500;
/** While a chat that was opened finds its height. */
const FRAMES = 20;

function rest(): number {
  const { scrollHeight, clientHeight } = document.documentElement;
  return scrollHeight - clientHeight - scrollY;
}

function toEnd(): void {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
}

/**
 * The page follows what grows only while its reader is at the end; scrolling up releases it.
 *
 * content  what grows; growing: an answer is being made; opened: its messages are there for the first time
 * aimed    its reader goes to one message instead of the end
 */
export function useFollow(content: RefObject<HTMLElement | null>, growing: boolean, opened: boolean, aimed: boolean) {
  const follows = useRef(true);
  const led = useRef(false);
  const [news, setNews] = useState(false);
  const now = useNow(growing);

  useLayoutEffect(() => {
    if (aimed) {
      led.current = true;
      follows.current = false;
    }
    if (!opened || led.current) return;
    let left = FRAMES;
    let frame = 0;
    const pin = () => {
      toEnd();
      if (--left > 0) frame = requestAnimationFrame(pin);
    };
    pin();
    const stop = () => {
      cancelAnimationFrame(frame);
    };
    for (const name of HANDS) addEventListener(name, stop, { passive: true });
    return () => {
      stop();
      for (const name of HANDS) removeEventListener(name, stop);
    };
  }, [opened, aimed]);

  useEffect(() => {
    let last = scrollY;
    const scrolled = () => {
      if (rest() <= NEAR_PX) {
        follows.current = true;
        setNews(false);
      } else if (scrollY < last - 1) follows.current = false;
      last = scrollY;
    };
    addEventListener("scroll", scrolled, { passive: true });
    return () => {
      removeEventListener("scroll", scrolled);
    };
  }, []);

  useEffect(() => {
    const element = content.current;
    if (element === null) return;
    let height = 0;
    let grew = 0;
    const seen = new ResizeObserver(([entry]) => {
      const before = height;
      height = entry?.contentRect.height ?? 0;
      if (now()) grew = Date.now();
      if (Date.now() - grew > AFTER_MS || height <= before) return;
      if (follows.current) toEnd();
      else if (rest() > NEAR_PX) setNews(true);
    });
    seen.observe(element);
    return () => {
      seen.disconnect();
    };
  }, [content, opened, now]);

  const end = useCallback(() => {
    follows.current = true;
    setNews(false);
    toEnd();
    requestAnimationFrame(toEnd);
  }, []);
  return { news, end };
}

const HANDS = ["wheel", "touchmove", "keydown", "pointerdown"];
