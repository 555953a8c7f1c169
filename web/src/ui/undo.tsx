import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";

import styles from "./undo.module.css";

const SHOWN_MS = 10_000;
let last: { id: string; undo: () => void } | null = null;

/** Say what was done, with ten seconds to take it back. */
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
        <Button variant="default" size="compact-sm" onClick={act}>
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

/** Take back what was done last, while its toast is there. Return whether there was anything. */
export function undoLast(): boolean {
  const act = last;
  act?.undo();
  return act !== null;
}
