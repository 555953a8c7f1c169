import { useEffect } from "react";

import { useAddress } from "@/ui/useAddress";
import { type Forest, newestBelow, type Turn } from "./tree";

/** While what is above it finds its height. */
const FRAMES = 30;
/** Until it is drawn. */
const PATIENCE = 120;
const MARKED_MS = 2500;
const HANDS = ["wheel", "touchmove", "keydown", "pointerdown"];

/** Lead to the message that the address names (`?message=`), in the branch it stands in. Return whether there is one to go to. */
export function useFound(forest: Forest, turns: readonly Turn[], show: (head: string) => void): boolean {
  const address = useAddress();
  const wanted = address.value("message");
  const { set } = address;
  const known = forest.byId.has(wanted);
  const turn = turns.find(({ parts }) => parts.some((part) => part.id === wanted))?.id;
  const loaded = forest.byId.size > 0;
  useEffect(() => {
    if (wanted === "" || !loaded) return;
    if (known && turn === undefined) {
      show(newestBelow(forest, wanted) ?? wanted);
      return;
    }
    if (turn !== undefined) lead(turn);
    set({ message: "" }, { replace: true });
  }, [wanted, loaded, known, turn, forest, show, set]);
  return known;
}

/** Scroll to a turn, stay there while the page settles, and mark it for a moment. Whoever scrolls is let go. */
function lead(turn: string): void {
  let left = FRAMES;
  let patience = PATIENCE;
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const name of HANDS) removeEventListener(name, stop);
  };
  const go = () => {
    const element = document.getElementById(turn);
    if (element === null ? --patience < 0 : left-- === 0) {
      stop();
      return;
    }
    if (element !== null && left === FRAMES - 1) mark(element);
    element?.scrollIntoView({ block: "start", behavior: "instant" });
    frame = requestAnimationFrame(go);
  };
  frame = requestAnimationFrame(go);
  for (const name of HANDS) addEventListener(name, stop, { passive: true });
}

function mark(element: HTMLElement): void {
  element.focus({ preventScroll: true });
  element.dataset.found = "";
  setTimeout(() => {
    delete element.dataset.found;
  }, MARKED_MS);
}
