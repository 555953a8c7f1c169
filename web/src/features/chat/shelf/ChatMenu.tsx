import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";

import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import type { Chat } from "../types";
import { MenuItems } from "./MenuItems";
import { useFiling } from "./useFiling";

export interface ChatMenuProps {
  workspace: string;
  chat: Chat;
  /** Rename in place, in the head of the page. */
  onRename: () => void;
}

/** What can be done with the chat that is open: rename, pin, file, share, export, archive, delete. */
export function ChatMenu({ workspace, chat, onRename }: ChatMenuProps) {
  const t = useT();
  const navigate = useNavigate();
  const filing = useFiling({
    workspace,
    current: chat.id,
    onNew: () => void navigate({ to: "/w/$ws/chat", params: { ws: workspace } }),
  });
  if (!chat.mine) return null;
  const row = { ...chat, snippet: null, message: null };
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon aria-label={t("shelf.acts_open")}>
            <IconDots size={20} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <MenuItems workspace={workspace} row={row} filing={filing} onRename={onRename} />
        </Menu.Dropdown>
      </Menu>
      <ErrorNotice error={filing.error} />
      {filing.dialogs}
    </>
  );
}
