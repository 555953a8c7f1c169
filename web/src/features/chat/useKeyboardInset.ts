import { useEffect } from "react";

/** Tell the page how much of it the keyboard of a phone covers, where the browser does not make room by itself. */
export function useKeyboardInset(): void {
  useEffect(() => {
    const view = window.visualViewport;
    if (view === null) return;
    const root = document.documentElement;
    const measure = () => {
      // Not while somebody zooms: then the rest of the page is merely elsewhere.
      const covered = view.scale > 1.01 ? 0 : Math.max(0, root.clientHeight - view.height - view.offsetTop);
      root.style.setProperty("--keyboard", `${String(Math.round(covered))}px`);
    };
    measure();
    view.addEventListener("resize", measure);
    view.addEventListener("scroll", measure);
    return () => {
      view.removeEventListener("resize", measure);
      view.removeEventListener("scroll", measure);
      root.style.removeProperty("--keyboard");
    };
  }, []);
}
