import { useDebouncedValue } from "@mantine/hooks";
import type { SpotlightActionData } from "@mantine/spotlight";
import { IconMessage } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { type ChatRow, foundChatsQuery } from "@/api/chats";
import type { Workspace } from "@/api/queries";
import { may } from "@/lib/rights";
import { useT } from "@/locales";
import styles from "./Palette.module.css";

const PAUSE_MS = 150;

/** Chats with these words in their titles or messages, as entries of the palette; of late: without words, too. */
export function useFoundChats(workspace: Workspace | undefined, text: string, ofLate: boolean): { actions: SpotlightActionData[]; searching: boolean } {
  const t = useT();
  const navigate = useNavigate();
  const ws = workspace?.id ?? "";
  const [paused] = useDebouncedValue(text.trim(), PAUSE_MS);
  const wanted = text.trim() === "" ? "" : paused;
  const enabled = workspace !== undefined && may(workspace, "chat") && (ofLate || wanted.length > 1);
  const found = useQuery({ ...foundChatsQuery(ws, wanted), enabled, placeholderData: keepPreviousData });
  const open = (chat: ChatRow) =>
    navigate({
      to: "/w/$ws/chat/$chat",
      params: { ws, chat: chat.id },
      search: (chat.message === null ? {} : { message: chat.message }) as never,
    });
  const actions = (enabled ? (found.data?.items ?? []) : []).map((chat) => ({
    id: `chat ${chat.id}`,
    onClick: () => void open(chat),
    children: <Found chat={chat} untitled={t("shelf.untitled")} />,
  }));
  return { actions, searching: enabled && (found.isFetching || wanted !== text.trim()) };
}

function Found({ chat, untitled }: { chat: ChatRow; untitled: string }) {
  return (
    <span className={styles.found}>
      <IconMessage size={18} stroke={1.5} aria-hidden />
      <span className={styles.words}>
        <span className={styles.title}>{chat.title === "" ? untitled : chat.title}</span>
        {chat.snippet && (
          <span className={styles.snippet}>
            {chat.snippet.map((piece, index) => (piece.marked ? <mark key={index}>{piece.text}</mark> : piece.text))}
          </span>
        )}
      </span>
    </span>
  );
}
