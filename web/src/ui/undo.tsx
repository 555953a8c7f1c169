import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";

import { namesOf } from "@/lib/keystroke";
import { modifier } from "./shortcuts";
import styles from "./undo.module.css";

const SHOWN_MS = 10_000;
let last: { id: string; undo: () => void } | null = null;

/** Say what was done, with ten seconds to take it back: by the button or by the key for it, which a drawer does not keep from anybody. */
export function undoToast(message: string, verb: string, undo: () => void): void {
  const close = () => {
    if (last?.id === id) last = null;
  };
  const act = () => {
    notifications.hide(id);
    close();
    undo();
  };
  const id = notifications.show({
    message: (
      <span className={styles.line}>
        <span className={styles.text}>{message}</span>
        <Button variant="default" size="compact-sm" title={`${modifier} Z`} aria-keyshortcuts={modifier === "Ctrl" ? "Control+Z" : "Meta+Z"} onClick={act}>
          {verb}
        </Button>
      </span>
    ),
    role: "status",
    autoClose: SHOWN_MS,
    color: "ok",
    withCloseButton: false,
    onClose: close,
  });
  last = { id, undo: act };
}

/** Take back what was done last, while its toast is there; in a field the key belongs to what is written. */
function takeBack(event: KeyboardEvent): void {
  if (last === null || event.defaultPrevented || !namesOf(event).includes("z")) return;
  if (event.target instanceof HTMLElement && event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null) return;
  event.preventDefault();
  last.undo();
}

addEventListener("keydown", takeBack);
