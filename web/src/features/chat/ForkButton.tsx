import { ActionIcon, Tooltip } from "@mantine/core";
import { IconGitFork } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api, ask } from "@/api/client";
import { inWords } from "@/ui/ErrorNotice";
import { ApiError } from "@/api/problem";
import { useWords } from "@/locales";
import { toast } from "@/ui/toast";
import { useAct } from "./useAct";

/** Goes on in a chat of its own that begins with everything up to this message. Free until something is sent. */
export function ForkButton({ workspace, chat, message }: { workspace: string; chat: string; message: string }) {
  const { t, language } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const act = useAct();
  const fork = () =>
    act.run(async () => {
      try {
        const path = { workspace, chat };
        const made = await ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/fork", { params: { path }, body: { message } }));
        void client.invalidateQueries({ queryKey: [workspace, "chats"] });
        await navigate({ to: "/w/$ws/chat/$chat", params: { ws: workspace, chat: made.id } });
        toast(t("chat.forked"));
      } catch (error) {
        if (error instanceof ApiError) toast(inWords(error.problem, t, language === "en"));
        throw error;
      }
    });
  return (
    <Tooltip label={t("chat.fork")}>
      <ActionIcon size={28} aria-label={t("chat.fork")} disabled={act.busy} onClick={() => void fork()}>
        <IconGitFork size={16} stroke={1.5} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
