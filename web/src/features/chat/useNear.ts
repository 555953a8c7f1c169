import { type RefObject, useCallback, useEffect, useState } from "react";
import { flushSync } from "react-dom";

/* One observer for all messages: what is far from the window stays plain text until somebody comes near. Then it is
   drawn, the nearest first, as many in a frame as leave the page at hand for whoever scrolls and types. */

const MARGIN = "1200px 0px";
/** Begun within a frame; the last one may take longer. */
const FRAME_MS = 6;

const watched = new Map<Element, () => void>();
const waiting = new Set<Element>();
let observer: IntersectionObserver | null = null;
let asked = false;

function watch(element: Element, draw: () => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        // Who was scrolled past is not drawn.
        if (isIntersecting) waiting.add(target);
        else waiting.delete(target);
      }
      ask();
    },
    { rootMargin: MARGIN },
  );
  watched.set(element, draw);
  observer.observe(element);
  return () => {
    watched.delete(element);
    waiting.delete(element);
    observer?.unobserve(element);
  };
}

function ask(): void {
  if (asked || waiting.size === 0) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    drawSome();
    ask();
  });
}

function drawSome(): void {
  const until = performance.now() + FRAME_MS;
  const byDistance = [...waiting].map((element) => ({ element, distance: distanceOf(element) })).sort((one, other) => one.distance - other.distance);
  for (const { element } of byDistance) {
    waiting.delete(element);
    const draw = watched.get(element);
    if (draw) flushSync(draw);
    if (performance.now() > until) return;
  }
}

/** Return how far an element is from the window, 0 for one that is in it. */
function distanceOf(element: Element): number {
  const { top, bottom } = element.getBoundingClientRect();
  return Math.max(top - innerHeight, -bottom, 0);
}

/**
 * Whether an element has been near the window, and a function that says that it is.
 *
 * at  it is in any case
 */
export function useNear(element: RefObject<Element | null>, at: boolean): [boolean, () => void] {
  const [near, setNear] = useState(at);
  // What was drawn stays drawn.
  if (at && !near) setNear(true);
  const come = useCallback(() => { setNear(true); }, []);
  useEffect(() => {
    if (!near && element.current !== null) return watch(element.current, come);
  }, [element, near, come]);
  return [near || at, come];
}
