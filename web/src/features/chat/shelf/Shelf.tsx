export interface ShelfProps {
  workspace: string;
  /** The chat that is open; null: a new one. */
  chat: string | null;
  /** Begin a new chat ("New chat"). */
  onNew: () => void;
  /** Something was chosen: on phones the drawer closes. */
  onDone?: () => void;
}

/** The chats there are. */
export function Shelf({ chat }: ShelfProps) {
  return chat === null ? null : null;
}
