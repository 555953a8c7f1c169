import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";

const SHOWN_MS = 6000;

/** Say what was done. Errors stay where they happened: ErrorNotice. */
export function toast(message: ReactNode): void {
  notifications.show({ message, role: "status", autoClose: SHOWN_MS, color: "ok", withCloseButton: false });
}
