export type Format = "markdown" | "json";

/** Return where a chat, or all of them, can be fetched as a file. */
export function exportAddress(workspace: string, format: Format, chat?: string): string {
  const which = chat === undefined ? "" : `/${encodeURIComponent(chat)}`;
  return `/api/workspaces/${encodeURIComponent(workspace)}/chats${which}/export?format=${format}`;
}
