import { type RefObject, useEffect, useState } from "react";

/* One observer for all messages: what is far from the window is plain text until somebody comes near. */

const MARGIN = "1200px 0px";
const waiting = new Map<Element, () => void>();
let observer: IntersectionObserver | null = null;

function watch(element: Element, near: () => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) waiting.get(entry.target)?.();
    },
    { rootMargin: MARGIN },
  );
  waiting.set(element, near);
  observer.observe(element);
  return () => {
    waiting.delete(element);
    observer?.unobserve(element);
  };
}

/** Whether an element has been near the window. at: it is from the start. */
export function useNear(element: RefObject<Element | null>, at: boolean): boolean {
  const [near, setNear] = useState(at);
  useEffect(() => {
    if (near || element.current === null) return;
    return watch(element.current, () => {
      setNear(true);
    });
  }, [element, near]);
  return near || at;
}
