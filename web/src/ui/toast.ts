import { notifications } from "@mantine/notifications";

const SHOWN_MS = 6000;

/** Say what was done. Errors stay where they happened: ErrorNotice. */
export function toast(message: string): void {
  notifications.show({ message, role: "status", autoClose: SHOWN_MS, color: "ok", withCloseButton: false });
}
