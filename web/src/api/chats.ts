/* What the thread, the shelf and the search of the chat share. */

/** Every answer about lists of chats begins with it: make them read again after a chat changed. */
export function chatsKey(workspace: string): readonly string[] {
  return [workspace, "chats"];
}
